using Mlps.ML;

namespace Mlps.Label;

/// <summary>The patches of a folder, in the order of their paths.</summary>
internal sealed class PatchList
{
    private readonly Dictionary<string, int> _byKey;

    private PatchList(string folder, IReadOnlyList<PatchFile> patches, IReadOnlyList<string> warnings)
    {
        (Folder, Patches, Warnings) = (folder, patches, warnings);
        _byKey = patches.ToDictionary(patch => patch.Key, patch => patch.Index, NameForm.Comparer);
        SlideCount = patches.Select(patch => patch.Slide).Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>All patches; a patch's place is its index.</summary>
    public IReadOnlyList<PatchFile> Patches { get; }

    /// <summary>What was left out of the folder, one sentence for each reason.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>How many slides the patches come from.</summary>
    public int SlideCount { get; }

    /// <summary>Lists a folder and the folders in it; no image is opened.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="labels">Where labels are stored, which is not searched for patches.</param>
    /// <param name="sourcePattern">A regular expression with a group named source, which finds the slide in a patch's path; null for the names that common tools give.</param>
    /// <param name="stop">Stops the listing.</param>
    /// <exception cref="TissueDataException">There is no such folder or no image in it, or the pattern does not fit a name.</exception>
    /// <exception cref="FormatException">The pattern is no regular expression, or has no group named source.</exception>
    public static PatchList Open(string folder, string labels, string? sourcePattern, CancellationToken stop)
    {
        var images = ImageFolder.Open(folder, [labels], stop);
        var rule = new SourceRule(sourcePattern);
        var patches = new PatchFile[images.Images.Count];
        for (var index = 0; index < patches.Length; index++)
        {
            stop.ThrowIfCancellationRequested();
            var image = images.Images[index];
            var key = Path.GetRelativePath(images.Folder, image.ImagePath).Replace(Path.DirectorySeparatorChar, '/');
            patches[index] = new PatchFile(index, key, image.ImagePath, rule.Find(image with { Name = FlatName(key) }, images.Folder));
        }

        var others = images.LeftOut.Where(file => Path.TrimEndingDirectorySeparator(file.Path) != labels && Path.GetFileName(file.Path) != PatchPlace.TableName).ToArray();
        return new PatchList(images.Folder, patches, [.. LeftOutSummary.Sentences(others, images.Folder, ImageFormats.AnyImage)]);
    }

    /// <summary>The index of a patch; null where the folder has none of this name.</summary>
    public int? Find(string key) => _byKey.TryGetValue(key, out var index) ? index : null;

    /// <summary>A patch's name without folders and extension, as it is exported: folders become a part of it.</summary>
    public static string FlatName(string key) => key[..^Path.GetExtension(key).Length].Replace('/', '_');
}
