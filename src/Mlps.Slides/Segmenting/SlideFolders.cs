namespace Mlps.Slides;

/// <summary>The folders that results of slides go into: one for each, of the slide's name.</summary>
internal static class SlideFolders
{
    /// <summary>The folders of slides, in order.</summary>
    /// <exception cref="SlideException">Two slides have one name.</exception>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> paths, string output)
    {
        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var folders = new List<string>();
        foreach (var path in paths)
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (!taken.TryAdd(name, path))
            {
                throw new SlideException(path, $"Another slide has the same name: {taken[name]}.", "Their results would go into one folder: rename one of them, or segment them into different folders.");
            }

            folders.Add(Path.Combine(output, name));
        }

        return folders;
    }
}
