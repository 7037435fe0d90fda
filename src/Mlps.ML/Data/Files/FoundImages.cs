namespace Mlps.ML;

/// <summary>The images that a walk found, and everything else, with the reason why it was left out.</summary>
/// <param name="Images">Full paths, in ordinal order.</param>
/// <param name="LeftOut">The rest, in ordinal order.</param>
/// <param name="Walk">The walk.</param>
internal sealed record FoundImages(IReadOnlyList<string> Images, IReadOnlyList<LeftOutFile> LeftOut, FileWalk Walk)
{
    /// <summary>Walks a folder for files of these extensions.</summary>
    public static FoundImages In(string folder, IReadOnlyList<string> extensions, IEnumerable<string> excludedFolders, CancellationToken cancellation)
    {
        var walk = FileWalk.Run(folder, excludedFolders, cancellation);
        var others = walk.Files
            .Where(path => !ImageFormats.Is(extensions, path))
            .Select(path => new LeftOutFile(path, ImageFormats.IsOther(path) ? LeftOutReason.OtherFormat : LeftOutReason.NoImage, string.Empty));
        return new FoundImages(
            [.. walk.Files.Where(path => ImageFormats.Is(extensions, path))],
            [.. walk.LeftOut.Concat(others).OrderBy(file => file.Path, StringComparer.Ordinal)],
            walk);
    }

    /// <summary>Adds files that have an image's extension but cannot be opened, so that reading them fails instead of skipping them silently.</summary>
    public FoundImages WithFaulty(IReadOnlyList<string> extensions)
    {
        var isFaulty = LeftOut.ToLookup(file => file.IsFault && ImageFormats.Is(extensions, file.Path));
        if (!isFaulty.Contains(true))
        {
            return this;
        }

        return this with { Images = [.. Images.Concat(isFaulty[true].Select(file => file.Path)).Order(StringComparer.Ordinal)], LeftOut = [.. isFaulty[false]] };
    }

    /// <summary>Files by their names without extension in normalization form C, in the order of those names.</summary>
    /// <exception cref="TissueDataException">Two files have the same name.</exception>
    public SortedList<string, string> ByStem()
    {
        var files = new (string Name, string Path)[Images.Count];
        for (var index = 0; index < files.Length; index++)
        {
            files[index] = (NameForm.Compose(Path.GetFileNameWithoutExtension(Images[index])), Images[index]);
        }

        Array.Sort(files, static (a, b) => string.CompareOrdinal(a.Name, b.Name) is var order && order != 0 ? order : string.CompareOrdinal(a.Path, b.Path));
        var byStem = new SortedList<string, string>(files.Length, StringComparer.Ordinal);
        foreach (var (name, path) in files)
        {
            if (!byStem.TryAdd(name, path))
            {
                throw SameStem(path, byStem[name]);
            }
        }

        return byStem;
    }

    /// <summary>A file's stem as it is written; the composed one itself where they are equal, as nearly all are.</summary>
    public static string StemOf(string composed, string path)
    {
        var stem = Path.GetFileNameWithoutExtension(path.AsSpan());
        return stem.SequenceEqual(composed) ? composed : stem.ToString();
    }

    private static TissueDataException SameStem(string path, string other)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        return new TissueDataException(
            path,
            $"The stem '{stem}' is also that of {other}, and stems are the names of patches.{NameForm.Difference(stem, Path.GetFileNameWithoutExtension(other))}",
            "Rename or remove one of the two.");
    }
}
