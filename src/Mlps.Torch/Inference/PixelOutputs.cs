namespace Mlps.Torch.Inference;

/// <summary>What a prediction has to compute for each pixel.</summary>
[Flags]
internal enum PixelOutputs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The most probable class.</summary>
    Masks = 1,

    /// <summary>The probability of each class.</summary>
    Probabilities = 2,

    /// <summary>The uncertainty.</summary>
    Uncertainty = 4,
}
