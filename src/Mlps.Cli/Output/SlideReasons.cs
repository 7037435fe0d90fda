using Mlps.Cli.Terminal;
using Mlps.Slides;

namespace Mlps.Cli.Output;

/// <summary>Says and writes what was left out of a folder of slides, and why.</summary>
internal static class SlideReasons
{
    public const string LeftOutName = "left-out.csv";

    /// <summary>More would scroll the summary away; the file has all.</summary>
    private const int Shown = 20;

    /// <summary>Names what is no slide: faults as warnings, the rest as lines.</summary>
    public static void WriteLeftOut(string folder, IReadOnlyList<NotASlide> others)
    {
        foreach (var other in others.OrderByDescending(other => other.IsFault).Take(Shown))
        {
            var text = $"{Path.GetRelativePath(Environment.CurrentDirectory, other.Path)} is left out. {other.Reason}";
            if (other.IsFault)
            {
                Say.Warning(text);
            }
            else
            {
                Say.Line(text);
            }
        }

        if (others.Count > Shown)
        {
            Say.Line($"And {others.Count - Shown} more: see {LeftOutName}");
        }

        Write(folder, LeftOutName, [.. others.Select(other => (other.Path, other.Reason))]);
    }

    /// <summary>Writes a table of reasons, or takes away the one of an earlier run where there are none.</summary>
    public static void Write(string folder, string name, IReadOnlyList<(string Path, string Reason)> reasons)
    {
        var path = Path.Combine(folder, name);
        if (reasons.Count == 0)
        {
            File.Delete(path);
            return;
        }

        AtomicOutput.WriteText(path, string.Concat(reasons.Select(row => CsvText.Line([row.Path, row.Reason])).Prepend(CsvText.Line(["path", "reason"]))));
    }
}
