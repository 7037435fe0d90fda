using System.Globalization;

namespace Mlps.Slides;

/// <summary>Rows of comma-separated files as RFC 4180 says.</summary>
internal static class Csv
{
    /// <summary>One line: fields with commas between them, and a line feed.</summary>
    public static string Line(params IEnumerable<string> fields) => string.Join(',', fields.Select(Field)) + "\n";

    /// <summary>A whole number.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number of six decimals; empty where there is none.</summary>
    public static string Number(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("0.000000####", CultureInfo.InvariantCulture) : string.Empty;

    /// <summary>A field, in quotes where it needs them or where spreadsheets would take it for a formula or trim it.</summary>
    private static string Field(string text) => NeedsQuotes(text) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static bool NeedsQuotes(string text) =>
        text.Length > 0
        && (text[0] is '=' or '+' or '-' or '@'
            || char.IsWhiteSpace(text[0])
            || char.IsWhiteSpace(text[^1])
            || text.Any(letter => letter is ',' or '"' or ';' or '\u2028' or '\u2029' || char.IsControl(letter)));
}
