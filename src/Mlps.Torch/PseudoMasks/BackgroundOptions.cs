namespace Mlps.Torch.PseudoMasks;

/// <summary>What counts as white background in an image.</summary>
/// <remarks>Published values: brighter than 200, in regions of 50 pixels or more.</remarks>
public sealed record BackgroundOptions
{
    /// <summary>A pixel is background when its 8-bit grey value is strictly above this; 0..255.</summary>
    public int GreyThreshold { get; init; } = 200;

    /// <summary>Regions (4-connected) of fewer pixels are not background; 0 keeps all.</summary>
    public int MinimumRegion { get; init; } = 50;

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.InRange(GreyThreshold, 0, 255);
        Guard.AtLeast(MinimumRegion, 0);
    }
}
