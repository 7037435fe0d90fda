using System.Security.Cryptography;
using System.Text;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>A slide's file, and the name of its results.</summary>
/// <remarks>Names follow from paths and not from the order of the slides or from how many there are: a slide that is added later does not change those of the others.</remarks>
/// <param name="Name">The path below the folder that was searched, without extension, with <c>-</c> between folders: <c>case1-a</c> for <c>case1/a.svs</c>.</param>
/// <param name="Path">The full path of the file.</param>
public sealed record SlideItem(string Name, string Path)
{
    private const char Joint = '-';
    private const int HashLength = 8;

    /// <summary>Names the slides of several folders, each file once.</summary>
    /// <remarks>Where names are equal but for the extension, they keep it; where they are equal all the same, they end with a hash of the path.</remarks>
    /// <param name="folders">The folders, in their order; of a file that several have, the first one counts.</param>
    public static IReadOnlyList<SlideItem> Of(IEnumerable<SlideFolder> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        return Named(folders.SelectMany(folder => folder.Slides.Select(path => (path, Root(folder, path)))));
    }

    /// <summary>Names slides by their files' names.</summary>
    /// <remarks>Where names are equal but for the extension, they keep it; where they are equal all the same, they end with a hash of the path.</remarks>
    /// <param name="paths">Paths of the files, in their order.</param>
    public static IReadOnlyList<SlideItem> Of(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Named(paths.Select(System.IO.Path.GetFullPath).Select(path => (path, System.IO.Path.GetDirectoryName(path)!)));
    }

    private static string Root(SlideFolder folder, string path) => folder.Path == path ? System.IO.Path.GetDirectoryName(path)! : folder.Path;

    private static SlideItem[] Named(IEnumerable<(string Path, string Root)> slides)
    {
        var files = slides.DistinctBy(slide => slide.Path).Select(slide => (slide.Path, Name: System.IO.Path.GetRelativePath(slide.Root, slide.Path).Replace(System.IO.Path.DirectorySeparatorChar, Joint))).ToArray();
        var whole = files.Select(file => file.Name).CountBy(Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var stems = files.Select(file => Stem(file.Name)).CountBy(Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

        // For names that are too long, and for one that ends like the hash of another.
        var names = new OutputNames();
        return [.. files.Select(file => new SlideItem(
            names.Create(
                stems[Key(Stem(file.Name))] == 1 ? Stem(file.Name)
                : whole[Key(file.Name)] == 1 ? file.Name
                : $"{Stem(file.Name)}{Joint}{Hash(file.Path)}",
                string.Empty),
            file.Path))];
    }

    /// <summary>Equal for names that file systems take for one.</summary>
    private static string Key(string name) => NameForm.Compose(name).ToUpperInvariant();

    private static string Stem(string name) => name[..^System.IO.Path.GetExtension(name).Length];

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..HashLength];
}
