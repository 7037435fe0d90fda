namespace Mlps.Label;

/// <summary>Lines of CSV as RFC 4180 says.</summary>
internal static class CsvField
{
    /// <summary>Fields with commas between them, and a line feed; in quotes where they need them or where spreadsheets would take them for a formula.</summary>
    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(Quoted)) + "\n";

    private static string Quoted(string text) =>
        text.Length > 0 && (text[0] is '=' or '+' or '-' or '@' || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]) || text.Any(letter => letter is ',' or '"' or ';' || char.IsControl(letter)))
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
}
