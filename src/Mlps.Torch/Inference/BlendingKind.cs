namespace Mlps.Torch.Inference;

/// <summary>How much each pixel of a window counts where windows overlap.</summary>
public enum BlendingKind
{
    /// <summary>All the same, so that every place is the mean of several looks at it, and a straight seam may show where a window ends.</summary>
    Uniform,

    /// <summary>A raised cosine: the middle of a window counts most and its edges least, so that no seam shows.</summary>
    Hann,
}
