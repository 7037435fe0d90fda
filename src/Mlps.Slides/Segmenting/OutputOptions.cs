namespace Mlps.Slides;

/// <summary>Which files a slide gets, and how they are made.</summary>
internal sealed record OutputOptions
{
    /// <summary>How polygons are made.</summary>
    public AnnotationOptions Annotations { get; init; } = new();

    /// <summary>How the page is made; null for none.</summary>
    public ViewerOptions? Viewer { get; init; } = new();

    /// <summary>Whether annotations for ASAP are written too.</summary>
    public bool Asap { get; init; }

    /// <summary>The tiles of the table of tiles; null for none.</summary>
    public IEnumerable<TileProbabilities>? Tiles { get; init; }

    /// <summary>Whether an annotation store for TIAToolbox is written too.</summary>
    public bool AnnotationStore { get; init; }
}
