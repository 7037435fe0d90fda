using System.Text;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Reads comma-separated values as RFC 4180 says.</summary>
internal static class Csv
{
    public static List<string[]> Read(string text)
    {
        var rows = new List<string[]>();
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append(text[i++]);
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (quoted || text[i] is not (',' or '\r' or '\n'))
            {
                field.Append(text[i]);
            }
            else if (text[i] != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                fields.Add(field.ToString());
                field.Clear();
                if (text[i] != ',')
                {
                    rows.Add([.. fields]);
                    fields.Clear();
                }
            }
        }

        return quoted || field.Length + fields.Count > 0 ? throw new FormatException("The last row has no end.") : rows;
    }
}
