namespace Mlps.ML;

/// <summary>The files of a folder and of the folders in it.</summary>
internal static class ImageFolder
{
    public static readonly IReadOnlyList<string> PngOnly = [".png"];
    public static readonly IReadOnlyList<string> AnyImage = [".png", ".jpg", ".jpeg", ".bmp", ".webp"];

    /// <summary>Archives made on a Mac keep a damaged twin of every file in a folder of this name.</summary>
    private const string MacArchiveFolder = "__MACOSX";

    /// <summary>Images and other files, each in the order of their paths. Hidden files, and all files of hidden folders, are among the others.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="extensions">Lower-case extensions that count as images.</param>
    public static (IReadOnlyList<string> Images, IReadOnlyList<string> Others) Scan(string folder, IReadOnlyList<string> extensions)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        try
        {
            var files = Directory.EnumerateFiles(folder, "*", everything)
                .Order(StringComparer.Ordinal)
                .ToLookup(path => extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && !IsHidden(folder, path));
            return ([.. files[true]], [.. files[false]]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(folder, $"The folder cannot be read: {exception.Message}", "Check that it may be read.", exception);
        }
    }

    /// <summary>Files by their names without extension, in the order of those names.</summary>
    /// <exception cref="TissueDataException">Two files have the same name.</exception>
    public static SortedDictionary<string, string> ByStem(IEnumerable<string> paths)
    {
        var byStem = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var stem = Path.GetFileNameWithoutExtension(path);
            if (!byStem.TryAdd(stem, path))
            {
                throw new TissueDataException(path, $"The stem '{stem}' is also that of {byStem[stem]}, and stems are the names of patches.", "Rename or remove one of the two.");
            }
        }

        return byStem;
    }

    private static bool IsHidden(string folder, string path)
    {
        foreach (var part in Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
        {
            if (part.StartsWith('.') || part == MacArchiveFolder)
            {
                return true;
            }
        }

        return false;
    }
}
