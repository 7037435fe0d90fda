namespace Mlps.Slides;

/// <summary>What is known of a slide of a cohort.</summary>
public sealed record CohortSlide
{
    /// <summary>The name of the slide's folder of results.</summary>
    public required string Name { get; init; }

    /// <summary>The slide's file: its path where the cohort's list has it, else its name; empty where nothing says it.</summary>
    public required string File { get; init; }

    /// <summary>What became of it; null where it was not begun or is not finished.</summary>
    public SlideState? State { get; init; }

    /// <summary>Why it was skipped, what went wrong, or what is missing; null for finished slides.</summary>
    public string? Reason { get; init; }

    /// <summary>Width in pixels of full resolution, within the bounds; 0 where it could not be read.</summary>
    public long Width { get; init; }

    /// <summary>Height, likewise.</summary>
    public long Height { get; init; }

    /// <summary>Size of a pixel of full resolution in µm.</summary>
    public double? MicronsPerPixel { get; init; }

    /// <summary>Areas of the classes, of all tissue, and of the rest; empty unless the slide is finished.</summary>
    public IReadOnlyList<CohortArea> Areas { get; init; } = [];

    /// <summary>Polygons in its annotations.</summary>
    public long? Polygons { get; init; }

    /// <summary>Seconds that all steps took together, in the run that finished it.</summary>
    public double Seconds { get; init; }

    /// <summary>What the model was called that segmented it: the SHA-256 of its file for <c>mlps</c>.</summary>
    public string? Model { get; init; }
}
