namespace Mlps.Torch.Inference;

/// <summary>How much each pixel of a window counts where windows overlap.</summary>
public enum BlendingKind
{
    /// <summary>All the same: every pixel is the mean of as many looks at it as there are windows. Where a window ends, a straight seam may show.</summary>
    Uniform,

    /// <summary>A raised cosine: the middle of a window counts most and its edges least, so that no seam shows. Scores may be a little lower (docs/accuracy.md).</summary>
    Hann,
}
