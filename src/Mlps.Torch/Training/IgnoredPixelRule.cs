namespace Mlps.Torch.Training;

/// <summary>How the segmenter's loss treats background pixels.</summary>
public enum IgnoredPixelRule
{
    /// <summary>They do not count: neither in the sum nor in the mean.</summary>
    Ignore,

    /// <summary>The published code's way: a further channel with logit 100 where the deepest mask is background and 0 elsewhere.</summary>
    /// <remarks>It competes in every softmax, and background pixels stay in the mean.</remarks>
    ExtraChannel,
}
