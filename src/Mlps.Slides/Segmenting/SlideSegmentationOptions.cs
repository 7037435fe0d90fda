using System.Globalization;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>How slides are segmented, and what is written of them.</summary>
public sealed record SlideSegmentationOptions
{
    /// <summary>The size in µm of the pixels that the model learnt, above 0; null for what the model remembers.</summary>
    public double? ModelMicronsPerPixel { get; init; }

    /// <summary>Side of the tiles in the model's pixels, 32 to 4,096; they overlap by half.</summary>
    /// <remarks>Default 512. Larger tiles need more memory and show the network more of the surroundings.</remarks>
    public int TileSize { get; init; } = 512;

    /// <summary>How pixels are predicted and gated; null for the model's own way.</summary>
    /// <remarks>Its precision is that of the patch classifier too.</remarks>
    public SegmentationOptions? Segmentation { get; init; }

    /// <summary>How tissue is told from glass.</summary>
    public TissueMaskOptions Tissue { get; init; } = new();

    /// <summary>Finds the tissue of a slide otherwise, for instance by <see cref="TissueMask.FromRegions"/>; null finds it by <see cref="Tissue"/>.</summary>
    /// <remarks>Results of another mask are made anew.</remarks>
    public Func<Slide, TissueMask>? FindTissue { get; init; }

    /// <summary>Regions of less than this are no polygons of their own, in µm²; at least 0.</summary>
    public double SmallestPolygon { get; init; } = 100;

    /// <summary>Whether coordinates of annotations count from the corner of the whole scan and not of its bounds, which QuPath crops slides to.</summary>
    public bool NoCrop { get; init; }

    /// <summary>Whether <c>index.html</c> is written, in which the slide is looked at with its mask.</summary>
    public bool WritePage { get; init; } = true;

    /// <summary>Whether the annotations are written for ASAP too, as <c>annotations.asap.xml</c>.</summary>
    public bool WriteAsap { get; init; }

    /// <summary>Whether the annotations are written for TIAToolbox too, as <c>annotations.db</c>; needs the system's SQLite.</summary>
    public bool WriteAnnotationStore { get; init; }

    /// <summary>Whether the mean probability of each class in each tile is written too, as <c>tiles.csv</c> with the columns of WSInfer.</summary>
    /// <remarks>Means are over the tile's tissue, of which background has no class. Coordinates are full-resolution pixels of the whole scan.</remarks>
    public bool WriteTiles { get; init; }

    /// <summary>Whether <c>areas.csv</c> and <c>summary.md</c> of all slides in the folder are written; false where several runs share it, which <see cref="SlideCohort"/> sums up afterwards.</summary>
    /// <remarks>They are written after a slide, at most every ten seconds, and at the end. Slides of earlier runs stay in them.</remarks>
    public bool WriteSummary { get; init; } = true;

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        const int SmallestTile = 32, LargestTile = 4096;
        Guard.Positive(ModelMicronsPerPixel ?? 1, nameof(ModelMicronsPerPixel));
        Guard.InRange(TileSize, SmallestTile, LargestTile);
        Guard.NotNegative(SmallestPolygon);
        ArgumentNullException.ThrowIfNull(Tissue);
        Tissue.Check();
    }

    /// <summary>All that the results depend on but the slide and the model, by name.</summary>
    /// <param name="modelMicronsPerPixel">The size in µm of the pixels that the model learnt.</param>
    /// <param name="segmentation">How pixels are predicted and gated.</param>
    /// <param name="given">What <see cref="FindTissue"/> has found; null where it is null.</param>
    internal SortedDictionary<string, string> Settings(double modelMicronsPerPixel, SegmentationOptions segmentation, TissueMask? given) => new(StringComparer.Ordinal)
    {
        ["modelMicronsPerPixel"] = FormattableString.Invariant($"{modelMicronsPerPixel}"),
        ["tileSize"] = FormattableString.Invariant($"{TileSize}"),
        ["segmentation"] = Text(segmentation),
        ["tissue"] = given is null ? Text(Tissue) : $"given, {given.Digest()}",
        ["smallestPolygon"] = FormattableString.Invariant($"{SmallestPolygon}"),
        ["noCrop"] = NoCrop ? "true" : "false",
        ["page"] = WritePage ? "true" : "false",
        ["asap"] = WriteAsap ? "true" : "false",
        ["annotationStore"] = WriteAnnotationStore ? "true" : "false",
        ["tiles"] = WriteTiles ? "true" : "false",
    };

    /// <summary>A record as text, the same whatever the language of the process.</summary>
    private static string Text(object record)
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            return record.ToString()!;
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
