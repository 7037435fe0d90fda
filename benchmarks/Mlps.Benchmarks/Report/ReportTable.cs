using System.Globalization;
using System.Text;
using System.Text.Json;
using Mlps.Torch;

namespace Mlps.Benchmarks.Report;

/// <summary>
/// A Markdown table of the latest results in <c>BenchmarkDotNet.Artifacts/results</c>: <c>table [file]</c> prints it, or puts it between the file's lines <c>&lt;!-- benchmarks --&gt;</c> and
/// <c>&lt;!-- /benchmarks --&gt;</c>.
/// </summary>
internal static class ReportTable
{
    private const string Start = "<!-- benchmarks -->";
    private const string End = "<!-- /benchmarks -->";

    public static int Run(string? file)
    {
        var results = Path.Combine("BenchmarkDotNet.Artifacts", "results");
        var reports = Directory.Exists(results) ? Directory.GetFiles(results, "*-report-brief.json").Order(StringComparer.Ordinal).ToArray() : [];
        if (reports.Length == 0)
        {
            Console.Error.WriteLine($"There are no results in {Path.GetFullPath(results)}: run the benchmarks here first, with --filter '*'.");
            return 1;
        }

        var table = Table(reports);
        if (file is null)
        {
            Console.WriteLine(table);
            return 0;
        }

        var text = File.ReadAllText(file);
        int start = text.IndexOf(Start, StringComparison.Ordinal), end = text.IndexOf(End, StringComparison.Ordinal);
        if (start < 0 || end < start)
        {
            Console.Error.WriteLine($"{file} has no lines {Start} and {End} for the table to go between.");
            return 1;
        }

        AtomicFile.Write(file, Encoding.UTF8.GetBytes($"{text[..(start + Start.Length)]}\n\n{table}\n{text[end..]}"));
        return 0;
    }

    private static string Table(IEnumerable<string> reports)
    {
        var table = new StringBuilder("| benchmark | implementation | median | a second | times as fast as the first |\n|---|---|---:|---:|---:|\n");
        foreach (var report in reports)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(report));
            foreach (var group in document.RootElement.GetProperty("Benchmarks").EnumerateArray().GroupBy(row => Text(row, "Parameters")))
            {
                AddRows(table, [.. group], group.Key);
            }
        }

        return table.ToString();
    }

    private static void AddRows(StringBuilder table, JsonElement[] rows, string parameters)
    {
        double? first = null;
        foreach (var row in rows)
        {
            var benchmark = Text(row, "Type").Replace("Benchmark", string.Empty, StringComparison.Ordinal);
            var statistics = row.GetProperty("Statistics");
            var median = statistics.ValueKind is JsonValueKind.Object ? statistics.GetProperty("Median").GetDouble() : double.NaN;
            first ??= median;
            table.Append(CultureInfo.InvariantCulture, $"| {benchmark}{(parameters.Length > 0 ? ", " + parameters : string.Empty)} | {Title(row)} | {Time(median)} | {1e9 / median:#,0.##} | {first / median:f2} |\n");
        }
    }

    /// <summary>Results name the method, and its description where it has one.</summary>
    private static string Title(JsonElement row) => Text(row, "MethodTitle").Trim('\'', ' ');

    private static string Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() ?? string.Empty : string.Empty;

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:f2} s"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:f1} ms"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:f1} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:f3} ns"),
    };
}
