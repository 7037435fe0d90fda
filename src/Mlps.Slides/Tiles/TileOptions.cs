using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>How a slide is cut into tiles.</summary>
public sealed record TileOptions
{
    private const int DefaultReaders = 4;

    /// <summary>Micrometres along a pixel of the tiles; null for the slide's own full-resolution pixels.</summary>
    /// <remarks>Above 0.</remarks>
    public double? MicronsPerPixel { get; init; }

    /// <summary>Side of the tiles in their own pixels, at least 1.</summary>
    public int Size { get; init; } = 224;

    /// <summary>The part of a tile's side that the next one repeats, from 0 to below 1.</summary>
    /// <remarks>Default 0.5, so that results can be blended without seams.</remarks>
    public double Overlap { get; init; } = 0.5;

    /// <summary>What counts as tissue; null finds it by <see cref="MaskOptions"/>.</summary>
    public TissueMask? Mask { get; init; }

    /// <summary>How tissue is found where no mask is given.</summary>
    public TissueMaskOptions MaskOptions { get; init; } = new();

    /// <summary>The part of a tile that must be tissue, 0 to 1.</summary>
    /// <remarks>With 0, the default, a tile is left out only where it touches no tissue.</remarks>
    public double LeastTissue { get; init; }

    /// <summary>Tiles that are read before they are needed, at least 1.</summary>
    public int ReadAhead { get; init; } = 32;

    /// <summary>Threads that read them, at least 1; null for one for each processor, at most 4.</summary>
    public int? Readers { get; init; }

    /// <summary>The number that is meant.</summary>
    internal int EffectiveReaders => Readers ?? Math.Clamp(Environment.ProcessorCount, 1, DefaultReaders);

    internal void Check()
    {
        if (MicronsPerPixel is { } mpp)
        {
            Guard.Positive(mpp, nameof(MicronsPerPixel));
        }

        const int LargestSize = 16_384;
        Guard.InRange(Size, 1, LargestSize);
        Guard.InRange(Overlap, 0, 1, highestAllowed: false);
        ArgumentNullException.ThrowIfNull(MaskOptions);
        MaskOptions.Check();
        Guard.InRange(LeastTissue, 0, 1);
        Guard.AtLeast(ReadAhead, 1);
        Guard.AtLeast(EffectiveReaders, 1, nameof(Readers));
    }
}
