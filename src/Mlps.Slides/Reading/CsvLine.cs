using System.Text;

namespace Mlps.Slides;

/// <summary>Fields of a line of CSV.</summary>
internal static class CsvLine
{
    /// <summary>What a file separates fields by: commas, or semicolons where its header has no comma.</summary>
    public static char Separator(string header) => header.Contains(',', StringComparison.Ordinal) ? ',' : ';';

    /// <summary>Splits a line; fields may be in quotes, with quotes doubled inside.</summary>
    public static IReadOnlyList<string> Split(string line, char separator)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var (isQuoted, wasQuoted) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var letter = line[i];
            if (isQuoted && letter == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (letter == '"' && (isQuoted || string.IsNullOrWhiteSpace(field.ToString())))
            {
                (isQuoted, wasQuoted) = (!isQuoted, true);
                if (isQuoted)
                {
                    field.Clear();
                }
            }
            else if (letter == separator && !isQuoted)
            {
                Add();
            }
            else
            {
                field.Append(letter);
            }
        }

        Add();
        return fields;

        void Add()
        {
            fields.Add(wasQuoted ? field.ToString() : field.ToString().Trim());
            field.Clear();
            wasQuoted = false;
        }
    }
}
