using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Mlps.ML;

/// <summary>The images in a folder and the folders in it, of any sizes and without labels, and what else lies there.</summary>
/// <remarks>
/// PNG, JPEG, BMP and WebP are read. The listing always ends: a link to a folder is followed once, pipes and devices are left out, and nothing is opened.
/// What an earlier run wrote (<see cref="OutputMarker"/>) is left out.
/// </remarks>
public sealed class ImageFolder
{
    private readonly FileWalk _walk;

    private ImageFolder(string folder, IReadOnlyList<TissuePatch> images, FoundImages found)
    {
        (Folder, Images, LeftOut, _walk) = (folder, images, found.LeftOut, found.Walk);
        Warnings = [.. LeftOutSummary.Sentences(LeftOut, folder, ImageFormats.AnyImage)];
    }

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>The images in the order of their paths.</summary>
    /// <remarks>A name is the path within the folder, without extension and with <c>/</c> between folders; images that differ only in the extension keep it.</remarks>
    public IReadOnlyList<TissuePatch> Images { get; }

    /// <summary>Everything else in the folder, and why it was left out.</summary>
    public IReadOnlyList<LeftOutFile> LeftOut { get; }

    /// <summary>What was left out, one sentence for each reason.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Lists a folder; damaged images are found when they are read.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="excludedFolders">Folders in it that are left out, such as the one that results are written to; null for none. They need not exist.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="TissueDataException">There is no such folder, it is an earlier run's output, there is no image in it, or the names of two images differ in nothing but Unicode form.</exception>
    /// <exception cref="OperationCanceledException">The listing was stopped.</exception>
    public static ImageFolder Open(string folder, IEnumerable<string>? excludedFolders = null, CancellationToken cancellationToken = default)
    {
        var full = TissueDataset.FullPath(folder);
        RefuseOutput(full);
        var found = FoundImages.In(full, ImageFormats.AnyImage, excludedFolders ?? [], cancellationToken);
        if (found.Images.Count == 0)
        {
            var warnings = string.Join(". ", LeftOutSummary.Sentences(found.LeftOut, full, ImageFormats.AnyImage));
            throw new TissueDataException(full, "The folder holds no images.", $"Put images there; {string.Join(", ", ImageFormats.AnyImage)} are read.{(warnings.Length == 0 ? string.Empty : $" {warnings}.")}");
        }

        return new ImageFolder(full, Named(full, found.Images), found);
    }

    /// <summary>Whether images are, or may be, read from a folder, so that nothing should be written there.</summary>
    public bool Contains(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return _walk.Contains(folder);
    }

    /// <summary>An image table: Name, ImagePath, Image; the context's log warns of files that were left out.</summary>
    /// <exception cref="TissueDataException">While rows are read: an image is damaged.</exception>
    public IDataView Load(MLContext ml) => Table(ml, damaged: null);

    /// <summary>The same table without the images that cannot be read.</summary>
    /// <remarks>
    /// Each image is decoded once, when its row comes up, and left out where that fails. Cursors that do not read Image have all rows, and the number of rows is not known beforehand.
    /// </remarks>
    /// <param name="ml">The context, whose log is told what was left out.</param>
    /// <param name="damaged">Told of each image that is left out, whenever a cursor comes to it; from several threads at once where the table is read so.</param>
    public IDataView Load(MLContext ml, Action<DamagedPatch> damaged)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        return Table(ml, damaged);
    }

    private PatchTable Table(MLContext ml, Action<DamagedPatch>? damaged)
    {
        ArgumentNullException.ThrowIfNull(ml);
        using (var channel = ((IHostEnvironment)ml).Start(nameof(ImageFolder)))
        {
            foreach (var warning in Warnings)
            {
                channel.Warning(MessageSensitivity.UserData, "{0}: {1}", Folder, warning);
            }
        }

        return new PatchTable(Images, PatchColumns.Name, PatchColumns.ImagePath, PatchColumns.AnyImage) { Damaged = damaged };
    }

    private static void RefuseOutput(string folder)
    {
        if (OutputMarker.Above(RealPath.Resolve(folder)) is var (marked, written))
        {
            throw new TissueDataException(
                folder,
                $"The folder holds results that '{written.Command}' wrote, and no images to predict.",
                $"Give the folder of the images. If you do mean these files, copy them elsewhere or delete {Path.Combine(marked, OutputMarker.FileName)}.");
        }
    }

    private static IReadOnlyList<TissuePatch> Named(string folder, IReadOnlyList<string> images)
    {
        var patches = ImageNames.Assign(folder, images);
        var byName = new Dictionary<string, TissuePatch>(NameForm.Comparer);
        foreach (var patch in patches)
        {
            if (!byName.TryAdd(patch.Name, patch))
            {
                var other = byName[patch.Name];
                throw new TissueDataException(patch.ImagePath, $"The name is also that of {other.ImagePath}.{NameForm.Difference(patch.Name, other.Name)}", "Rename or remove one of the two.");
            }
        }

        return patches;
    }
}
