namespace Mlps.Torch.Data;

/// <summary>How training patches are varied; every patch is drawn anew in each epoch.</summary>
public sealed record AugmentationOptions
{
    private const double LowestScale = 0.25;
    private const double HighestScale = 4;
    private const double HalfTurn = 180;

    /// <summary>Patches as they are.</summary>
    public static AugmentationOptions None { get; } = new() { HorizontalFlip = false };

    /// <summary>Left and right are swapped for half of the patches.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>Top and bottom are swapped for half of the patches.</summary>
    public bool VerticalFlip { get; init; }

    /// <summary>Half of the square patches are turned by 90°; patches that are not square are left alone.</summary>
    public bool QuarterTurns { get; init; }

    /// <summary>The least factor by which patches are resized before they are cropped or padded to their own size, in [0.25, 4]; at most <see cref="MaximumScale"/>.</summary>
    /// <remarks>
    /// The factor is drawn log-uniformly, so that halving is as likely as doubling, and the place of the crop uniformly. Beyond its edges a patch is mirrored. Images are interpolated bilinearly, and masks take
    /// the nearest pixel. A patch keeps its label, also where the crop leaves a tissue out. 1 for both factors leaves the size alone.
    /// </remarks>
    public double MinimumScale { get; init; } = 1;

    /// <summary>The largest factor by which patches are resized, in [0.25, 4]; see <see cref="MinimumScale"/>.</summary>
    public double MaximumScale { get; init; } = 1;

    /// <summary>The largest angle, in degrees and either direction, by which patches are turned about their centre, in [0, 180]; 0 turns none.</summary>
    /// <remarks>In the same step as the resizing. Beyond its edges a patch is mirrored.</remarks>
    public double MaximumAngle { get; init; }

    /// <summary>Share of the patches that are blurred, in [0, 1].</summary>
    public double BlurProbability { get; init; }

    /// <summary>The largest standard deviation of the Gaussian blur, in pixels; the actual one is uniform between 0 and this.</summary>
    public double BlurRadius { get; init; } = 1;

    /// <summary>Strength of the colour variation in the hematoxylin and eosin stain space, in [0, 1].</summary>
    /// <remarks>Each stain's amount is scaled by up to this share; 0 leaves the colours unchanged.</remarks>
    public double StainJitter { get; init; }

    /// <summary>Whether patches are resized or turned by any angle, which needs interpolation.</summary>
    internal bool Resamples => MinimumScale != 1 || MaximumScale != 1 || MaximumAngle != 0;

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.InRange(BlurProbability, 0, 1);
        Guard.NotNegative(BlurRadius);
        Guard.InRange(MaximumScale, LowestScale, HighestScale);
        Guard.InRange(MinimumScale, LowestScale, MaximumScale);
        Guard.InRange(MaximumAngle, 0, HalfTurn);
        Guard.InRange(StainJitter, 0, 1);
    }
}
