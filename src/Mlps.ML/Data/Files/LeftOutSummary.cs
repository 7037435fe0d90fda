using System.Globalization;
using System.Text;

namespace Mlps.ML;

/// <summary>What was left out, in a sentence for each reason.</summary>
internal static class LeftOutSummary
{
    private const int ShownNames = 3;
    private const int ShownFormats = 5;

    /// <summary>A sentence for each reason, what may be a fault first.</summary>
    /// <param name="leftOut">What was left out.</param>
    /// <param name="folder">The folder that names are given from.</param>
    /// <param name="formats">The extensions that are read.</param>
    public static IEnumerable<string> Sentences(IEnumerable<LeftOutFile> leftOut, string folder, IReadOnlyList<string> formats) => leftOut
        .GroupBy(file => file.Reason)
        .OrderByDescending(group => group.Any(file => file.IsFault))
        .ThenBy(group => group.Key)
        .Select(group => Sentence([.. group], folder, formats));

    /// <summary>"3 files left out, what: a, b, c, …".</summary>
    public static string Sentence(IReadOnlyList<string> paths, string what, string folder, string unit = "file", string ending = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"{paths.Count} {unit}{(paths.Count == 1 ? string.Empty : "s")} left out, {what}: {string.Join(", ", paths.Take(ShownNames).Select(path => Shown(folder, path)))}{(paths.Count > ShownNames ? ", …" : string.Empty)}{ending}");

    /// <summary>A path as it can be printed in a line.</summary>
    public static string Shown(string folder, string path)
    {
        var shown = new StringBuilder();
        foreach (var character in Path.GetRelativePath(folder, path))
        {
            _ = char.IsControl(character) ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}") : shown.Append(character);
        }

        return shown.ToString();
    }

    private static string Sentence(LeftOutFile[] files, string folder, IReadOnlyList<string> formats)
    {
        string[] paths = [.. files.Select(file => file.Path)];
        var unit = files.All(file => Path.EndsInDirectorySeparator(file.Path)) ? "folder" : files.Any(file => Path.EndsInDirectorySeparator(file.Path)) ? "entrie" : "file";
        unit = unit == "entrie" && files.Length == 1 ? "entry" : unit;
        return Sentence(paths, What(files), folder, unit, Advice(files, formats));
    }

    private static string What(LeftOutFile[] files) => files[0].Reason switch
    {
        LeftOutReason.OtherFormat => $"in formats that are not read ({Formats(files)})",
        LeftOutReason.NoImage => "no images by their names",
        LeftOutReason.SystemFile => "which operating systems write",
        LeftOutReason.Hidden => "hidden",
        LeftOutReason.OwnOutput => $"which are results ({string.Join(", ", files.Select(file => file.Explanation).Distinct())})",
        LeftOutReason.RepeatedFolder => "links to folders that are read anyway or lie above",
        LeftOutReason.NotAFile => "pipes, sockets or devices",
        LeftOutReason.BrokenLink => "links that lead nowhere",
        LeftOutReason.Unreadable => "which may not be read",
        LeftOutReason.UnreadableName => "whose names are not UTF-8",
        var other => other.ToString(),
    };

    private static string Formats(LeftOutFile[] files)
    {
        var counts = files.CountBy(file => Path.GetExtension(file.Path).ToLowerInvariant()).OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).ToArray();
        return string.Join(", ", counts.Take(ShownFormats).Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key}: {count.Value}"))) + (counts.Length > ShownFormats ? ", …" : string.Empty);
    }

    private static string Advice(LeftOutFile[] files, IReadOnlyList<string> formats) => files[0].Reason switch
    {
        LeftOutReason.OtherFormat => $". Convert them to {(formats.Count == 1 ? "PNG" : "PNG or JPEG")} to have them read; cut slides into images first",
        LeftOutReason.UnreadableName => ". Rename them",
        LeftOutReason.Unreadable when files[0].Explanation.Length > 0 => $". {files[0].Explanation.TrimEnd('.')}",
        LeftOutReason.OwnOutput when files.Any(file => file.Explanation != FileWalk.WhereThisRunWrites) => ". Copy single files elsewhere to have them read after all",
        _ => string.Empty,
    };
}
