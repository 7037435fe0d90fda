namespace Mlps.Cli.Output;

/// <summary>Rows of comma-separated files as RFC 4180 says: whatever a name holds comes back from a reader as it was.</summary>
internal static class CsvText
{
    /// <summary>One line of CSV: fields with commas between them, and a line feed.</summary>
    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(Field)) + "\n";

    /// <summary>A field, in quotes where it needs them or where spreadsheets would take it for a formula or trim it.</summary>
    public static string Field(string text) => NeedsQuotes(text) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static bool NeedsQuotes(string text) =>
        text.Length > 0
        && (text[0] is '=' or '+' or '-' or '@'
            || char.IsWhiteSpace(text[0])
            || char.IsWhiteSpace(text[^1])
            || text.Any(letter => letter is ',' or '"' or ';' or '\u2028' or '\u2029' || char.IsControl(letter)));
}
