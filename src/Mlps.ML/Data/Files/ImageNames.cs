namespace Mlps.ML;

/// <summary>Names of a folder's images: their paths within it, without the extension unless only that tells them apart.</summary>
internal static class ImageNames
{
    /// <summary>The images with their names, in the order of the paths.</summary>
    /// <remarks>Only paths that differ in nothing but Unicode form get equal names.</remarks>
    /// <param name="folder">The folder.</param>
    /// <param name="paths">Images in it.</param>
    public static IReadOnlyList<TissuePatch> Assign(string folder, IReadOnlyList<string> paths)
    {
        string[] full = [.. paths.Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))];
        string[] names = [.. full.Select(name => name[..^Path.GetExtension(name).Length])];

        // An extension that is kept may make a name that another image has without its own: b.png beside b.jpg and b.png.bmp.
        while (Repeated(names) is { Count: > 0 } repeated && Enumerable.Range(0, names.Length).Any(index => repeated.Contains(names[index]) && names[index] != full[index]))
        {
            names = [.. names.Select((name, index) => repeated.Contains(name) ? full[index] : name)];
        }

        return [.. paths.Zip(names, (path, name) => new TissuePatch(name, path, Label: null, MaskPath: null))];
    }

    private static HashSet<string> Repeated(string[] names) =>
        names.GroupBy(name => name, NameForm.Comparer).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(NameForm.Comparer);
}
