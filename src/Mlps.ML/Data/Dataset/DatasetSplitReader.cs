namespace Mlps.ML;

/// <summary>Finds the images of a split, and checks what can be checked from names and file headers.</summary>
internal sealed class DatasetSplitReader(string datasetFolder, TissueClasses classes, SourceRule sources)
{
    public const string ImageFolderName = "img";
    public const string MaskFolderName = "mask";

    /// <summary>Where a split's files are.</summary>
    public static string FolderOf(string datasetFolder, DatasetSplit split) => Path.Combine(datasetFolder, split switch
    {
        DatasetSplit.Train => "train",
        DatasetSplit.Validation => "val",
        DatasetSplit.Test => "test",
        DatasetSplit.HeldOut => "held-out",
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, $"There is no dataset split {split}."),
    });

    /// <summary>Whether a split has labels in file names, and no masks.</summary>
    public static bool HasLabels(DatasetSplit split) => split is DatasetSplit.Train or DatasetSplit.HeldOut;

    /// <summary>Where a split's images are.</summary>
    public static string ImagesOf(string datasetFolder, DatasetSplit split) =>
        HasLabels(split) ? FolderOf(datasetFolder, split) : Path.Combine(FolderOf(datasetFolder, split), ImageFolderName);

    /// <summary>The split's images in the order of their names, and the report on them.</summary>
    /// <exception cref="TissueDataException">The split breaks a rule of the layout.</exception>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    public (IReadOnlyList<TissuePatch> Patches, DatasetReport Report) Read(DatasetSplit split, CancellationToken cancellation)
    {
        var folder = FolderOf(datasetFolder, split);
        RequireFolder(folder, "A dataset keeps training patches in train, patches with labels of other slides in held-out, and validation and test images and masks in val/img, val/mask, test/img and test/mask.");
        return HasLabels(split) ? ReadLabelled(split, folder, cancellation) : ReadMasked(folder, cancellation);
    }

    private static void RequireFolder(string folder, string remedy)
    {
        if (!Directory.Exists(folder))
        {
            throw new TissueDataException(folder, "There is no such folder.", remedy);
        }
    }

    private static (SortedList<string, string> ByStem, IReadOnlyList<LeftOutFile> LeftOut) ScanPngs(string folder, CancellationToken cancellation)
    {
        var found = FoundImages.In(folder, ImageFormats.PngOnly, [], cancellation).WithFaulty(ImageFormats.PngOnly);
        return found.Images.Count > 0 ? (found.ByStem(), found.LeftOut) : throw NoPngs(folder, found.LeftOut);
    }

    private static TissueDataException NoPngs(string folder, IReadOnlyList<LeftOutFile> leftOut)
    {
        LeftOutFile[] images = [.. leftOut.Where(file => file.Reason is LeftOutReason.OtherFormat)];
        if (images.Length > 0)
        {
            var formats = string.Join(", ", images.Select(file => Path.GetExtension(file.Path).ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal));
            return new TissueDataException(
                folder,
                $"The folder holds no PNG files, but {images.Length} in other formats ({formats}), such as {Path.GetFileName(images[0].Path)}.",
                "Datasets are PNG: convert images to PNG, and write masks anew as palette PNGs, for JPEG changes their colours.");
        }

        var warnings = string.Join(". ", LeftOutSummary.Sentences(leftOut, folder, ImageFormats.PngOnly));
        return new TissueDataException(folder, "The folder holds no PNG files.", $"Put the split's PNG files there, in folders of any depth.{(warnings.Length == 0 ? string.Empty : $" {warnings}.")}");
    }

    private (IReadOnlyList<TissuePatch> Patches, DatasetReport Report) ReadLabelled(DatasetSplit split, string folder, CancellationToken cancellation)
    {
        var (images, leftOut) = ScanPngs(folder, cancellation);
        var labels = new PatchLabels(classes);
        TissuePatch[] patches = [.. images.Select(file => new TissuePatch(FoundImages.StemOf(file.Key, file.Value), file.Value, labels.Read(file.Value), MaskPath: null))];
        var headers = PatchHeaders.Read(patches, folder, cancellation);
        int[] labelCounts = [.. Enumerable.Range(0, classes.Count).Select(index => headers.Readable.Count(patch => patch.Label![index]))];
        var slides = Slides(headers.Readable, folder);
        return (headers.Readable, Report(headers, labelCounts, slides, [], [], leftOut, isLearnt: split is DatasetSplit.Train));
    }

    private (IReadOnlyList<TissuePatch> Patches, DatasetReport Report) ReadMasked(string folder, CancellationToken cancellation)
    {
        string imageFolder = Path.Combine(folder, ImageFolderName), maskFolder = Path.Combine(folder, MaskFolderName);
        RequireFolder(imageFolder, "It holds the split's images.");
        RequireFolder(maskFolder, "It holds a palette PNG for each image, of the same stem.");
        var (images, besideImages) = ScanPngs(imageFolder, cancellation);
        var (masks, besideMasks) = ScanPngs(maskFolder, cancellation);
        TissuePatch[] patches =
        [
            .. images
                .Where(image => masks.ContainsKey(image.Key))
                .Select(image => new TissuePatch(FoundImages.StemOf(image.Key, image.Value), image.Value, Label: null, masks[image.Key])),
        ];
        if (patches.Length == 0)
        {
            throw new TissueDataException(
                maskFolder,
                $"None of its {masks.Count} masks has the stem of one of the {images.Count} images in {imageFolder}.",
                $"Name a mask like its image, such as {images.Keys.First()}.png.");
        }

        var headers = PatchHeaders.Read(patches, folder, cancellation);
        return (headers.Readable, Report(
            headers,
            [],
            [],
            [.. images.Where(image => !masks.ContainsKey(image.Key)).Select(image => image.Value)],
            [.. masks.Where(mask => !images.ContainsKey(mask.Key)).Select(mask => mask.Value)],
            [.. besideImages, .. besideMasks]));
    }

    /// <summary>The slide of each patch; patches of one slide share one string.</summary>
    private string[] Slides(TissuePatch[] patches, string folder)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var slides = new string[patches.Length];
        for (var index = 0; index < slides.Length; index++)
        {
            var slide = sources.Find(patches[index], folder);
            slides[index] = known.TryGetValue(slide, out var same) ? same : slide;
            known.Add(slides[index]);
        }

        return slides;
    }

    private DatasetReport Report(
        PatchHeaders headers,
        int[] labelCounts,
        string[] slides,
        IReadOnlyList<string> imagesWithoutMask,
        IReadOnlyList<string> masksWithoutImage,
        IReadOnlyList<LeftOutFile> leftOut,
        bool isLearnt = false) => new()
        {
            PatchCount = headers.Readable.Length,
            PatchSize = headers.Size,
            LabelCounts = labelCounts,
            SourceCount = slides.Distinct(StringComparer.Ordinal).Count(),
            Damaged = headers.Damaged,
            ImagesWithoutMask = imagesWithoutMask,
            MasksWithoutImage = masksWithoutImage,
            OtherFiles = [.. leftOut.Select(file => Path.TrimEndingDirectorySeparator(file.Path))],
            LeftOut = leftOut,
            Warnings =
            [
                .. isLearnt ? LabelWarnings(headers.Readable.Length, labelCounts) : [],
                .. isLearnt && !sources.IsOwn && SourceCheck.Warning(slides, headers.Readable) is { } warning ? new[] { warning } : [],
                .. LeftOut([.. headers.Damaged.Select(damaged => damaged.Patch.ImagePath)], "images that cannot be read, or whose masks cannot"),
                .. LeftOut(imagesWithoutMask, "images without a mask of their stem"),
                .. LeftOut(masksWithoutImage, "masks without an image of their stem"),
                .. LeftOutSummary.Sentences(leftOut, datasetFolder, ImageFormats.PngOnly),
            ],
        };

    private IEnumerable<string> LabelWarnings(int patchCount, int[] labelCounts)
    {
        for (var index = 0; index < labelCounts.Length; index++)
        {
            if (labelCounts[index] == 0)
            {
                yield return $"No training patch has '{classes[index].Name}', so it cannot be learnt.";
            }
            else if (labelCounts[index] == patchCount && classes.Count > 1)
            {
                yield return $"Every training patch has '{classes[index].Name}', so what it looks like can hardly be learnt.";
            }
        }
    }

    private IEnumerable<string> LeftOut(IReadOnlyList<string> files, string what) =>
        files.Count == 0 ? [] : [LeftOutSummary.Sentence(files, what, datasetFolder)];
}
