namespace Mlps.Torch.Data;

/// <summary>How training patches are varied; every patch is drawn anew in each epoch.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Patches as they are.</summary>
    public static AugmentationOptions None { get; } = new() { HorizontalFlip = false };

    /// <summary>Left and right are swapped for half of the patches.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>Top and bottom are swapped for half of the patches.</summary>
    public bool VerticalFlip { get; init; }

    /// <summary>Half of the square patches are turned by 90°; patches that are not square are left alone.</summary>
    public bool QuarterTurns { get; init; }

    /// <summary>Share of the patches that are blurred, in [0, 1].</summary>
    public double BlurProbability { get; init; }

    /// <summary>The largest standard deviation of the Gaussian blur, in pixels; the actual one is uniform between 0 and this.</summary>
    public double BlurRadius { get; init; } = 1;

    /// <summary>Strength of the colour variation in the hematoxylin and eosin stain space, in [0, 1].</summary>
    /// <remarks>Each stain's amount is scaled by up to this share; 0 leaves the colours unchanged.</remarks>
    public double StainJitter { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.InRange(BlurProbability, 0, 1);
        Guard.NotNegative(BlurRadius);
        Guard.InRange(StainJitter, 0, 1);
    }
}
