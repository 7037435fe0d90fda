using Mlps.ML;
using Spectre.Console;

namespace Mlps.Cli.Terminal;

/// <summary>Lines for the user.</summary>
internal static class Say
{
    public static void Line(string text) => AnsiConsole.MarkupLineInterpolated($"{Printable.Escape(text)}");

    public static void Heading(string text) => AnsiConsole.MarkupLineInterpolated($"[bold]{Printable.Escape(text)}[/]");

    /// <summary>Text of several lines, such as a table.</summary>
    public static void Lines(string text) => Console.WriteLine(Printable.Lines(text));

    public static void Warning(string text) => AnsiConsole.MarkupLineInterpolated($"[yellow]warning:[/] {Printable.Escape(text)}");

    /// <summary>What was written: from the current folder on where it is below that, else as it is.</summary>
    public static void Written(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        WrittenAsGiven(relative.StartsWith("..", StringComparison.Ordinal) ? path : relative);
    }

    /// <summary>What was written, as the user named it.</summary>
    public static void WrittenAsGiven(string path) => AnsiConsole.MarkupLineInterpolated($"Written: {Printable.Escape(path)}");

    /// <summary>What is about to be trained on.</summary>
    public static void Dataset(TissueDataset dataset)
    {
        var report = dataset.Report(DatasetSplit.Train);
        Heading($"{dataset.Name}: {report.PatchCount} training patches of {report.PatchSize.Width}x{report.PatchSize.Height} pixels");
        Line($"  from {report.SourceCount} slides, by their names");
        for (var c = 0; c < dataset.Classes.Count; c++)
        {
            Line($"  {dataset.Classes[c].Name}: in {report.LabelCounts[c]} patches");
        }
    }
}
