using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>How tissue is told from glass.</summary>
/// <remarks>The defaults are those of CLAM.</remarks>
public sealed record TissueMaskOptions
{
    /// <summary>Pixels along the longer side of the picture in which tissue is looked for; at least 16.</summary>
    public int ThumbnailSize { get; init; } = 2048;

    /// <summary>Side of the window whose median saturation counts, in pixels of that picture; odd, at least 1.</summary>
    public int MedianSize { get; init; } = 7;

    /// <summary>Tissue is more saturated than this, 0 to 255.</summary>
    /// <remarks>Default 7; lower for pale stains.</remarks>
    public int Saturation { get; init; } = 7;

    /// <summary>Pixels whose brightest channel is below this are no tissue, 0 to 255: in black the saturation is noise.</summary>
    public int DarkestValue { get; init; } = 16;

    /// <summary>Side of the square by which gaps in tissue are closed, in pixels of that picture; at least 1, which closes none.</summary>
    public int ClosingSize { get; init; } = 6;

    /// <summary>Pieces of less than this squared are left out, in micrometres; at least 0.</summary>
    public double SmallestObject { get; init; } = 200;

    /// <summary>Holes of less than this squared are filled, in micrometres; at least 0.</summary>
    public double LargestHole { get; init; } = 190;

    internal void Check()
    {
        const int SmallestThumbnail = 16, LargestThumbnail = 16_384;
        Guard.InRange(ThumbnailSize, SmallestThumbnail, LargestThumbnail);
        Guard.AtLeast(MedianSize, 1);
        if (MedianSize % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(MedianSize), MedianSize, "MedianSize must be odd.");
        }

        Guard.InRange(Saturation, 0, byte.MaxValue);
        Guard.InRange(DarkestValue, 0, byte.MaxValue);
        Guard.AtLeast(ClosingSize, 1);
        Guard.NotNegative(SmallestObject);
        Guard.NotNegative(LargestHole);
    }
}
