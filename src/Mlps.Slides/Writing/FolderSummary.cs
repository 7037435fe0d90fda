using System.Globalization;
using System.Text;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>What is written for a folder of slides: <c>areas.csv</c> with all of them, and <c>summary.md</c> for people.</summary>
internal static class FolderSummary
{
    /// <summary>The name of the table.</summary>
    public const string AreasFile = "areas.csv";

    /// <summary>The name of the summary.</summary>
    public const string SummaryFile = "summary.md";

    /// <summary>Writes both files; each is complete or absent.</summary>
    /// <param name="folder">The folder of all results.</param>
    /// <param name="records">The records of all slides, those that were skipped or failed too.</param>
    public static void Write(string folder, IReadOnlyList<SlideRecord> records)
    {
        SlideRecord[] sorted = [.. records.OrderBy(record => record.Name, StringComparer.Ordinal)];
        SlideAreas.WriteAll(Path.Combine(folder, AreasFile), sorted.Where(record => record.State == SlideState.Finished).Select(record => (record.Name, (IEnumerable<ClassArea>)record.Areas)));
        AtomicFile.Write(Path.Combine(folder, SummaryFile), Encoding.UTF8.GetBytes(Text(sorted)));
    }

    private static string Text(SlideRecord[] records)
    {
        var finished = records.Where(record => record.State == SlideState.Finished).ToArray();
        var text = new StringBuilder("# Slides\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{records.Length} {(records.Length == 1 ? "slide" : "slides")}: {finished.Length} finished, {Count(SlideState.Skipped)} skipped, {Count(SlideState.Failed)} failed.\n");
        if (finished.Length > 0)
        {
            // Slides of one run have the classes of its model; those of earlier runs may have others.
            string[] classes = [.. finished.SelectMany(record => record.Areas).Where(area => area.ShareOfTissue is not null && area.Name != SlideAreas.TissueName).Select(area => area.Name).Distinct(StringComparer.Ordinal)];
            text.Append("\n## Finished\n\nShares are of the tissue's area.\n\n");
            AppendRow(text, ["slide", "tissue, mm²", .. classes, "polygons"]);
            text.Append("|---|---:").Append(string.Concat(classes.Select(_ => "|---:"))).Append("|---:|\n");
            foreach (var record in finished)
            {
                var areas = record.Areas.ToDictionary(area => area.Name, StringComparer.Ordinal);
                AppendRow(text, [record.Name, Millimetres(areas), .. classes.Select(name => Share(areas, name)), record.Annotations?.Polygons.ToString(CultureInfo.InvariantCulture) ?? string.Empty]);
            }
        }

        AppendOthers(text, "Skipped", records.Where(record => record.State == SlideState.Skipped));
        AppendOthers(text, "Failed", records.Where(record => record.State == SlideState.Failed));
        return text.ToString();

        int Count(SlideState state) => records.Count(record => record.State == state);
    }

    private static void AppendOthers(StringBuilder text, string title, IEnumerable<SlideRecord> records)
    {
        if (records.Any())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            AppendRow(text, ["slide", "reason"]);
            text.Append("|---|---|\n");
            foreach (var record in records)
            {
                AppendRow(text, [record.Name, record.Reason ?? string.Empty]);
            }
        }
    }

    private static void AppendRow(StringBuilder text, params IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).Append(" |\n");

    private static string Escape(string cell) =>
        cell.ReplaceLineEndings(" ").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Millimetres(Dictionary<string, ClassArea> areas) =>
        areas.TryGetValue(SlideAreas.TissueName, out var tissue) ? tissue.SquareMillimetres.ToString("F3", CultureInfo.InvariantCulture) : string.Empty;

    private static string Share(Dictionary<string, ClassArea> areas, string name) =>
        areas.TryGetValue(name, out var area) && area.ShareOfTissue is { } share ? (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %" : string.Empty;
}
