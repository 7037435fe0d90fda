using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>A folder of tissue patches: <c>train</c> and <c>held-out</c> with labels in file names, <c>val</c> and <c>test</c> with images and masks.</summary>
/// <remarks>
/// Opening reads no image. A split is listed once, on first use: names, pairs and the sizes in file headers are checked then, pixels when they are read.
/// Files that are left out are named in the <see cref="Report"/> and as warnings in the <see cref="MLContext"/>'s log. All members may be called from several threads.
/// </remarks>
public sealed class TissueDataset
{
    /// <summary>Damaged files that warnings name; a million lines tell no more.</summary>
    private const int NamedDamaged = 20;

    private readonly DatasetSplitReader _reader;
    private readonly Dictionary<DatasetSplit, (IReadOnlyList<TissuePatch> Patches, DatasetReport Report)> _splits = [];
    private readonly Lock _lock = new();
    private readonly SourceRule _sources;

    private TissueDataset(string folder, DatasetManifest manifest, string? sourcePattern, double? micronsPerPixel)
    {
        (Folder, Name, Classes, MicronsPerPixel) = (folder, manifest.Name, manifest.Classes, micronsPerPixel);
        _sources = new SourceRule(sourcePattern);
        _reader = new DatasetSplitReader(folder, manifest.Classes, _sources);
        if (!Enum.GetValues<DatasetSplit>().Any(Has))
        {
            throw new TissueDataException(folder, "The folder holds none of train, val and test.", "Pass the folder that they are in.");
        }
    }

    /// <summary>The full path of the dataset's folder.</summary>
    public string Folder { get; }

    /// <summary>What the dataset is called: the name in dataset.json, of the preset, or of the folder.</summary>
    public string Name { get; }

    /// <summary>The tissues that it tells apart.</summary>
    public TissueClasses Classes { get; }

    /// <summary>The size of the patches' pixels in µm, by the options or <c>micronsPerPixel</c> in dataset.json; null where neither says.</summary>
    public double? MicronsPerPixel { get; }

    /// <summary>Opens a dataset whose classes are in its <c>dataset.json</c>, or whose folder's name holds LUAD-HistoSeg or BCSS-WSSS.</summary>
    /// <exception cref="TissueDataException">There is no such folder, none of the splits is in it, or its classes are not known.</exception>
    public static TissueDataset Open(string folder) => Open(folder, new TissueDatasetOptions());

    /// <summary>Opens a dataset with the given classes; a <c>dataset.json</c> in it is not read.</summary>
    /// <exception cref="TissueDataException">There is no such folder, or none of the splits is in it.</exception>
    public static TissueDataset Open(string folder, TissueClasses classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return Open(folder, new TissueDatasetOptions { Classes = classes });
    }

    /// <summary>Opens a dataset; what the options leave open is in its <c>dataset.json</c>, which is not read where they give the classes.</summary>
    /// <exception cref="ArgumentException">The options' pattern of sources is no regular expression, or has no group named <c>source</c>.</exception>
    /// <exception cref="TissueDataException">There is no such folder, none of the splits is in it, or its classes are not known.</exception>
    public static TissueDataset Open(string folder, TissueDatasetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var full = FullPath(folder);
        var manifest = options.Classes is { } classes ? new DatasetManifest(Path.GetFileName(full), classes) : DatasetManifest.Find(full);
        return new TissueDataset(full, manifest, options.SourcePattern ?? manifest.SourcePattern, options.MicronsPerPixel ?? manifest.MicronsPerPixel);
    }

    /// <summary>An image table (Name, ImagePath, Image) of the PNG, JPEG, BMP and WebP images in a folder and its subfolders, without labels.</summary>
    /// <remarks>
    /// A name is the path within the folder, without extension and with <c>/</c> between folders; where images differ in nothing but the extension, their names keep it.
    /// Damaged images are found when they are read: a cursor throws at the first one, after the rows before it. <see cref="ImageFolder"/> also says what was left out.
    /// </remarks>
    /// <exception cref="TissueDataException">There is no such folder, there is no image in it, or two images differ in nothing but the Unicode form of their names.</exception>
    public static IDataView LoadImages(MLContext ml, string folder)
    {
        ArgumentNullException.ThrowIfNull(ml);
        return ImageFolder.Open(folder).Load(ml);
    }

    /// <summary>The same table without the images that cannot be read, as <see cref="ImageFolder.Load(MLContext, Action{DamagedPatch})"/> gives it.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="damaged">Told of each image that is left out, whenever a cursor comes to it; from several threads at once where the table is read so.</param>
    /// <exception cref="TissueDataException">There is no such folder, there is no image in it, or two images differ in nothing but the Unicode form of their names.</exception>
    public static IDataView LoadImages(MLContext ml, string folder, Action<DamagedPatch> damaged)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(damaged);
        return ImageFolder.Open(folder).Load(ml, damaged);
    }

    /// <summary>Whether the dataset has a split's folder.</summary>
    public bool Has(DatasetSplit split) => Directory.Exists(DatasetSplitReader.FolderOf(Folder, split));

    /// <summary>The images of a split, in the order of their names.</summary>
    /// <param name="split">Which part of the dataset.</param>
    /// <param name="cancellationToken">Stops the listing of the split's files.</param>
    /// <exception cref="TissueDataException">The split breaks a rule of the layout, or the header of an image or mask cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The listing was stopped.</exception>
    public IReadOnlyList<TissuePatch> Patches(DatasetSplit split, CancellationToken cancellationToken = default)
    {
        var (patches, report) = Read(split, cancellationToken);
        RequireNoDamage(report);
        return patches;
    }

    /// <summary>What was found in a split, and what was left out.</summary>
    /// <param name="split">Which part of the dataset.</param>
    /// <param name="cancellationToken">Stops the listing of the split's files.</param>
    /// <exception cref="TissueDataException">The split breaks a rule of the layout.</exception>
    /// <exception cref="OperationCanceledException">The listing was stopped.</exception>
    public DatasetReport Report(DatasetSplit split, CancellationToken cancellationToken = default) => Read(split, cancellationToken).Report;

    /// <summary>A split as an image table: Name, ImagePath, Source, Image, and Label (train, held-out) or Mask (validation, test).</summary>
    /// <remarks>
    /// A getter of Image disposes the image that it is handed and puts the row's in its place; the last one is the caller's to dispose.
    /// Rows are shuffled by a cursor that is made with a <see cref="Random"/>; ML.NET's own <c>ShuffleRows</c> leaves out every image column.
    /// </remarks>
    /// <param name="ml">The context, whose log is told what was left out.</param>
    /// <param name="split">Which part of the dataset.</param>
    /// <param name="damaged">What becomes of files that cannot be read.</param>
    /// <param name="cancellationToken">Stops the listing of the split's files and the search for damaged ones; the table's rows are read without it.</param>
    /// <exception cref="TissueDataException">The split breaks a rule of the layout, or nothing of it can be read; while rows are read, also that an image or mask is damaged.</exception>
    /// <exception cref="OperationCanceledException">The listing was stopped.</exception>
    public IDataView Load(MLContext ml, DatasetSplit split, DamagedImages damaged = DamagedImages.Fail, CancellationToken cancellationToken = default) => Load(ml, split, damaged, tell: null, cancellationToken);

    /// <summary>The same table without the images and masks that cannot be read, which are all read once to find them.</summary>
    /// <param name="ml">The context, whose log is told what was left out; of damaged files, their number and the first few.</param>
    /// <param name="split">Which part of the dataset.</param>
    /// <param name="damaged">Told of each patch that is left out, in the order of names, before the table is returned.</param>
    /// <param name="cancellationToken">Stops the listing of the split's files and the search for damaged ones; the table's rows are read without it.</param>
    /// <exception cref="TissueDataException">The split breaks a rule of the layout, or nothing of it can be read.</exception>
    /// <exception cref="OperationCanceledException">The listing was stopped.</exception>
    public IDataView Load(MLContext ml, DatasetSplit split, Action<DamagedPatch> damaged, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        return Load(ml, split, DamagedImages.Skip, damaged, cancellationToken);
    }

    private PatchTable Load(MLContext ml, DatasetSplit split, DamagedImages damaged, Action<DamagedPatch>? tell, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ml);
        var (patches, report) = Read(split, cancellationToken);
        using (var channel = ((IHostEnvironment)ml).Start(nameof(TissueDataset)))
        {
            foreach (var warning in report.Warnings)
            {
                channel.Warning(MessageSensitivity.UserData, "{0}, {1}: {2}", Name, split, warning);
            }

            if (damaged is DamagedImages.Fail)
            {
                RequireNoDamage(report);
            }

            if (damaged is DamagedImages.Skip)
            {
                patches = WithoutDamaged(patches, report, split, text => channel.Warning(MessageSensitivity.UserData, "{0}, {1}: left out: {2}", Name, split, text), tell, cancellationToken);
            }
        }

        return new PatchTable(
            patches,
            PatchColumns.Name,
            PatchColumns.ImagePath,
            PatchColumns.Source(_sources, DatasetSplitReader.ImagesOf(Folder, split)),
            PatchColumns.Image(report.PatchSize),
            DatasetSplitReader.HasLabels(split) ? PatchColumns.Label(Classes) : PatchColumns.Mask(Classes, report.PatchSize));
    }

    /// <summary>Reads every image and mask of a split, and returns those that cannot be read, in the order of their names.</summary>
    /// <param name="split">Which part of the dataset.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="TissueDataException">The split breaks a rule of the layout, or a mask's palette contradicts the dataset's classes.</exception>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    public IReadOnlyList<DamagedPatch> FindDamaged(DatasetSplit split, CancellationToken cancellationToken = default)
    {
        var (patches, report) = Read(split, cancellationToken);
        return Damaged(patches, report, Faults(patches, report, cancellationToken));
    }

    /// <summary>The full path of a folder that exists.</summary>
    internal static string FullPath(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Directory.Exists(full) ? full : throw new TissueDataException(full, "There is no such folder.", "Check the path.");
    }

    /// <summary>What is wrong with each patch; null where nothing is.</summary>
    private string?[] Faults(IReadOnlyList<TissuePatch> patches, DatasetReport report, CancellationToken cancellation)
    {
        var faults = new string?[patches.Count];
        ParallelLoop.For(patches.Count, index => faults[index] = PatchCheck.Fault(patches[index], Classes, report.PatchSize), cancellation);
        return faults;
    }

    /// <summary>The patches with a fault and those of the report, in the order of their names.</summary>
    private static DamagedPatch[] Damaged(IReadOnlyList<TissuePatch> patches, DatasetReport report, string?[] faults)
    {
        var found = report.Damaged.ToList();
        for (var index = 0; index < faults.Length; index++)
        {
            if (faults[index] is { } fault)
            {
                found.Add(new DamagedPatch(patches[index], fault));
            }
        }

        return [.. found.OrderBy(patch => patch.Patch.Name, StringComparer.Ordinal)];
    }

    /// <summary>The patches that can be read; the first of the others are named, and all are counted.</summary>
    private TissuePatch[] WithoutDamaged(IReadOnlyList<TissuePatch> patches, DatasetReport report, DatasetSplit split, Action<string> warn, Action<DamagedPatch>? tell, CancellationToken cancellation)
    {
        var faults = Faults(patches, report, cancellation);
        var damaged = Damaged(patches, report, faults);
        Array.ForEach(damaged, patch => tell?.Invoke(patch));
        foreach (var patch in damaged.Take(NamedDamaged))
        {
            warn(patch.Reason);
        }

        if (damaged.Length > NamedDamaged)
        {
            warn(string.Create(CultureInfo.InvariantCulture, $"and {damaged.Length - NamedDamaged} more, {damaged.Length} of {patches.Count + report.Damaged.Count} in all. FindDamaged names all of them."));
        }

        TissuePatch[] readable = [.. patches.Where((_, index) => faults[index] is null)];
        return readable.Length > 0 ? readable : throw PatchHeaders.NothingReadable(DatasetSplitReader.FolderOf(Folder, split), damaged);
    }

    private static void RequireNoDamage(DatasetReport report)
    {
        if (report.Damaged is not [var first, ..])
        {
            return;
        }

        var path = first.Patch.MaskPath is { } mask && first.Reason.StartsWith(mask, StringComparison.Ordinal) ? mask : first.Patch.ImagePath;
        var rule = first.Reason.StartsWith(path, StringComparison.Ordinal) ? first.Reason[path.Length..].TrimStart(':', ' ') : first.Reason;
        var more = report.Damaged.Count > 1 ? $" {report.Damaged.Count - 1} more files cannot be read." : string.Empty;
        throw new TissueDataException(path, rule + more, "FindDamaged names all damaged files, and DamagedImages.Skip leaves them out.");
    }

    private (IReadOnlyList<TissuePatch> Patches, DatasetReport Report) Read(DatasetSplit split, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // Damage may have been repaired since.
            if (!_splits.TryGetValue(split, out var read) || read.Report.Damaged.Any(damaged => PatchHeaders.IsReadable(damaged.Patch)))
            {
                read = _reader.Read(split, cancellation);
                _splits[split] = read;
            }

            return read;
        }
    }
}
