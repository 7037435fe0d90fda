namespace Mlps.Torch.Training;

/// <summary>Known bugs of the published code that a training may reproduce, to compare with its figures.</summary>
/// <remarks>By default there are none.</remarks>
public sealed record ReferenceQuirks
{
    /// <summary>Stage 1: what the sum of the class maps is divided by in the attention; null for the number of classes, as the paper has it.</summary>
    /// <remarks>The published code always divides by 4. Above 0.</remarks>
    public double? AttentionDivisor { get; init; }

    /// <summary>Stage 2: how pixels of the background are kept out of the loss.</summary>
    /// <remarks>The published code has them compete as an extra channel in every softmax.</remarks>
    public IgnoredPixelRule IgnoredPixels { get; init; } = IgnoredPixelRule.Ignore;

    /// <summary>Stage 2: whether the focal loss is computed from the batch's mean cross-entropy, rather than from each pixel's.</summary>
    public bool FocalOverMean { get; init; }

    /// <summary>Stage 2: whether the mean loss is divided by the number of patches in the batch once more.</summary>
    public bool DivideLossByBatch { get; init; }

    /// <summary>Stage 2: whether an incomplete last batch of an epoch is used.</summary>
    public bool KeepShortBatch { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.Defined(IgnoredPixels);
        if (AttentionDivisor is { } divisor)
        {
            Guard.Positive(divisor, nameof(AttentionDivisor));
        }
    }
}
