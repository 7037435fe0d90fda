using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mlps.Package.Tests;

/// <summary>What a notebook's cells put out, so that two runs can be compared: numbers and pictures differ from machine to machine, everything else must not.</summary>
internal static partial class NotebookOutput
{
    public static string[] Read(string path) =>
        [.. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code").SelectMany((cell, index) => cell!["outputs"]!.AsArray().Select(output => $"cell {index + 1}: {Describe(output!)}"))];

    private static string Describe(JsonNode output)
    {
        var text = output["text"] is { } stream ? Text(stream) : string.Concat(output["data"]!.AsObject().Select(form => $"{form.Key}: {Text(form.Value!)}"));
        return $"{output["output_type"]} {Space.Replace(Number.Replace(Plot.Replace(Picture.Replace(text, "base64,PICTURE"), plot => $"<svg>{Labels(plot.Value)}</svg>"), "#"), " ")}".Trim();
    }

    // How many ticks an axis has, and how many points a line, depends on the numbers.
    private static string Labels(string plot) => string.Join(", ", Label.Matches(plot).Select(label => label.Groups[1].Value).Where(label => !OnlyNumber.IsMatch(label)).Order(StringComparer.Ordinal));

    private static string Text(JsonNode lines) => string.Concat(lines.AsArray().Select(line => (string?)line));

    [GeneratedRegex("base64,[A-Za-z0-9+/=]+")]
    private static partial Regex Picture { get; }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Plot { get; }

    [GeneratedRegex("<text[^>]*>([^<]*)</text>")]
    private static partial Regex Label { get; }

    // In a table, a share of nothing is a number like any other; in a text, a loss of NaN is a fault.
    [GeneratedRegex(@"(?<=<td>)NaN(?=</td>)|-?\d[\d,]*(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number { get; }

    [GeneratedRegex(@"^[-−]?\d[\d.,]*([eE][-+]?\d+)?$")]
    private static partial Regex OnlyNumber { get; }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space { get; }
}
