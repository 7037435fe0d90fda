namespace Mlps.ML;

/// <summary>Paths without links.</summary>
internal static class RealPath
{
    /// <summary>Links that are followed before a path counts as leading nowhere.</summary>
    private const int MaximumLinks = 40;

    /// <summary>The full path with every link in it replaced by what it leads to.</summary>
    /// <remarks>Parts that do not exist stay as they are.</remarks>
    /// <exception cref="IOException">Links lead to each other.</exception>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        var parts = new Stack<string>(Parts(full).Reverse());
        var real = Path.GetPathRoot(full)!;
        var links = 0;
        while (parts.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaximumLinks)
            {
                throw new IOException($"Too many links lead on from {path}. Replace them by one link to the file or folder itself.");
            }

            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target)!;
            }

            foreach (var step in Parts(target).Reverse())
            {
                parts.Push(step);
            }
        }

        return real;
    }

    private static string[] Parts(string path) =>
        [.. path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];
}
