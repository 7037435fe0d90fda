using System.IO.Compression;
using Mlps.ML.Png;
using Mlps.ML.Synthetic;
using Mlps.Torch;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Draws tissue as it looks under haematoxylin and eosin, in the layout that <see cref="TissueDataset"/> reads: a dataset to try the method on without any download.</summary>
/// <remarks>
/// Tissues differ in the shape and arrangement of nuclei and fibres more than in colour, and stain varies from patch to patch, so that no colour threshold tells them apart.
/// Equal options draw equal pixels on the same machine, whatever the number of threads.
/// </remarks>
public static class SyntheticTissue
{
    private const string TemporarySuffix = ".partial";

    /// <summary>The tissues, in the order of their indices; a dataset has the first <see cref="SyntheticTissueOptions.ClassCount"/> of them.</summary>
    private static readonly TissueClass[] Tissues =
    [
        new("tumor", new(205, 51, 51)),
        new("stroma", new(255, 165, 0)),
        new("lymphocyte", new(65, 105, 225)),
        new("necrosis", new(0, 160, 80)),
        new("blood", new(128, 0, 128)),
    ];

    /// <summary>The classes of a dataset drawn with these options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static TissueClasses Classes(SyntheticTissueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new TissueClasses(Tissues[..options.ClassCount], options.Background ? new TissueClass("background", TissueColor.White) : null);
    }

    /// <summary>Writes a dataset: train with labels in the file names, val and test with images and masks, dataset.json.</summary>
    /// <param name="folder">A folder that does not exist or is empty. It appears when the dataset is complete, and not before.</param>
    /// <param name="options">How much and what; null for the defaults.</param>
    /// <param name="progress">Told after every patch, from several threads; or null.</param>
    /// <param name="cancellationToken">Stops the writing, and nothing stays behind.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="TissueDataException">The folder is not empty.</exception>
    /// <exception cref="OperationCanceledException">The writing was stopped.</exception>
    public static void Write(
        string folder,
        SyntheticTissueOptions? options = null,
        IProgress<SyntheticTissueProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        options ??= new SyntheticTissueOptions();
        var classes = Classes(options);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new TissueDataException(target, "There are files here already.", "Choose a folder that does not exist or is empty.");
        }

        var temporary = $"{target}.{Guid.NewGuid():N}{TemporarySuffix}";
        try
        {
            WriteSplits(temporary, classes, options, progress, cancellationToken);
            new DatasetManifest("Synthetic tissue", classes).Write(temporary);
            if (Directory.Exists(target))
            {
                Directory.Delete(target);
            }

            Directory.Move(temporary, target);
        }
        catch
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            throw;
        }
    }

    private static void WriteSplits(
        string folder,
        TissueClasses classes,
        SyntheticTissueOptions options,
        IProgress<SyntheticTissueProgress>? progress,
        CancellationToken cancellationToken)
    {
        (DatasetSplit Split, int Index)[] patches =
        [
            .. Enumerable.Range(0, options.TrainPatches).Select(index => (DatasetSplit.Train, index)),
            .. Enumerable.Range(0, options.ValidationPatches).Select(index => (DatasetSplit.Validation, index)),
            .. Enumerable.Range(0, options.TestPatches).Select(index => (DatasetSplit.Test, index)),
        ];
        foreach (var split in patches.Select(patch => patch.Split).Distinct())
        {
            var splitFolder = DatasetSplitReader.FolderOf(folder, split);
            foreach (var part in (ReadOnlySpan<string>)(split is DatasetSplit.Train ? [string.Empty] : [DatasetSplitReader.ImageFolderName, DatasetSplitReader.MaskFolderName]))
            {
                Directory.CreateDirectory(Path.Combine(splitFolder, part));
            }
        }

        var written = 0;
        try
        {
            ParallelLoop.ForEach(
                patches,
                patch =>
                {
                    WritePatch(folder, classes, options, patch.Split, patch.Index);
                    progress?.Report(new SyntheticTissueProgress(Interlocked.Increment(ref written), patches.Length));
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(folder, $"The dataset cannot be written: {exception.Message}", "Check that there is space and that the folder may be written.", exception);
        }
    }

    private static void WritePatch(string folder, TissueClasses classes, SyntheticTissueOptions options, DatasetSplit split, int index)
    {
        var size = split is DatasetSplit.Train ? options.PatchSize : options.EvaluationSize;
        var random = new RandomStream(options.Seed, (long)split + 1, index);
        var regions = RegionMap.Draw(size, index % classes.Count, options, ref random);
        var pixels = TissuePainter.Paint(size, regions, classes.Count, ref random);
        var splitFolder = DatasetSplitReader.FolderOf(folder, split);
        if (split is DatasetSplit.Train)
        {
            var label = RegionMap.Label(regions, classes.Count, options.LabelFraction);
            WriteImage(Path.Combine(splitFolder, $"patch-{index:D5}-{PatchLabel.Write(label)}.png"), pixels, size);
            return;
        }

        var name = $"{Path.GetFileName(splitFolder)}-{index:D5}.png";
        WriteImage(Path.Combine(splitFolder, DatasetSplitReader.ImageFolderName, name), pixels, size);
        PalettePng.Write(Path.Combine(splitFolder, DatasetSplitReader.MaskFolderName, name), regions, size, size, classes.Palette);
    }

    private static void WriteImage(string path, byte[] rgb, int size) =>
        File.WriteAllBytes(path, PngEncoder.Encode(rgb, size, size, PngColorType.Truecolour, [], CompressionLevel.Fastest));
}
