namespace Mlps.Torch.Weights.Formats;

/// <summary>Paths of weight files as users write them.</summary>
internal static class WeightPath
{
    private const int MaxListed = 5;
    private static readonly string[] Extensions = [".safetensors", ".pth", ".pt", ".tar", ".params", ".ckpt", ".bin"];

    /// <summary>The path of a file that exists.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="WeightFileException">It is a folder, or empty: pipes, sockets and devices have no length either, and opening one may never end.</exception>
    public static string Resolve(string path)
    {
        var file = File.Exists(path) ? path : ExpandHome(path);
        if (Directory.Exists(file))
        {
            throw new WeightFileException(path, $"is a folder; give the file in it.{Candidates(file)}");
        }

        // Of a link, File.Exists tells of the link itself.
        if (!File.Exists(file) || IsDangling(new FileInfo(file)))
        {
            throw new FileNotFoundException($"There is no weight file '{path}'{Reason(file)}", file);
        }

        var found = new FileInfo(file);
        if (((found.ResolveLinkTarget(returnFinalTarget: true) as FileInfo) ?? found).Length == 0)
        {
            throw new WeightFileException(path, "is empty, or a pipe, socket or device; give a regular file, or copy or download it again.");
        }

        return file;
    }

    /// <summary>Replaces a leading <c>~</c> by the home folder, as shells do, and leaves it alone where there is no home folder.</summary>
    public static string ExpandHome(string path)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || (OperatingSystem.IsWindows() && path.StartsWith("~\\", StringComparison.Ordinal)))
            ? Path.Join(home, path[1..])
            : path;
    }

    private static bool IsDangling(FileInfo file)
    {
        try
        {
            return file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true };
        }
        catch (IOException)
        {
            // Links in a circle.
            return true;
        }
    }

    private static string Reason(string file)
    {
        var full = Path.GetFullPath(file);
        if (new FileInfo(full).LinkTarget is { } target)
        {
            return $": it is a link to '{target}', which is not there.";
        }

        var folder = Path.GetDirectoryName(full);
        return folder is null || Directory.Exists(folder)
            ? $" ({full}).{(folder is null ? string.Empty : Candidates(folder))}"
            : $": there is no folder '{folder}'.";
    }

    private static string Candidates(string folder)
    {
        try
        {
            string[] files = [.. Directory.EnumerateFiles(folder).Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Take(MaxListed + 1).Order(StringComparer.Ordinal)];
            return files.Length == 0 ? string.Empty
                : $" The folder holds {string.Join(", ", files.Take(MaxListed).Select(file => $"'{Path.GetFileName(file)}'"))}{(files.Length > MaxListed ? " and more" : string.Empty)}.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder cannot be read; the message does without the list.
            return string.Empty;
        }
    }
}
