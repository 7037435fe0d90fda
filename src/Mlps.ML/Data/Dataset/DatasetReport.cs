namespace Mlps.ML;

/// <summary>What was found in a split, and what was left out.</summary>
public sealed record DatasetReport
{
    /// <summary>Images that are used.</summary>
    public required int PatchCount { get; init; }

    /// <summary>Height and width of every image, in pixels.</summary>
    public required (int Height, int Width) PatchSize { get; init; }

    /// <summary>For each of the C tissues, the patches whose label has it; empty where the split has masks instead.</summary>
    public required IReadOnlyList<int> LabelCounts { get; init; }

    /// <summary>How many slides the patches come from, as their names tell; 0 where the split has masks instead of labels.</summary>
    public int SourceCount { get; init; }

    /// <summary>Images and masks whose headers cannot be read; loading the split fails or leaves them out (<see cref="DamagedImages"/>).</summary>
    public IReadOnlyList<DamagedPatch> Damaged { get; init; } = [];

    /// <summary>Images without a mask, which are left out: full paths.</summary>
    public required IReadOnlyList<string> ImagesWithoutMask { get; init; }

    /// <summary>Masks without an image, which are left out: full paths.</summary>
    public required IReadOnlyList<string> MasksWithoutImage { get; init; }

    /// <summary>Files and folders that are neither images nor masks, such as <c>.DS_Store</c> and <c>Thumbs.db</c>, or cannot be read, which are left out: full paths.</summary>
    public required IReadOnlyList<string> OtherFiles { get; init; }

    /// <summary>The same files and folders, each with the reason why.</summary>
    public IReadOnlyList<LeftOutFile> LeftOut { get; init; } = [];

    /// <summary>What a user should know before training, one sentence each: files left out, tissues that occur in no patch or in every one.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
