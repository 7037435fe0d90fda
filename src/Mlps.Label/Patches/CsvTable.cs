using Mlps.ML;
using Mlps.Slides;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>A CSV file with a header: commas, or semicolons where the header has no comma.</summary>
internal sealed class CsvTable
{
    private const string Remedy = "Write it as UTF-8 text with a header line and commas.";

    private CsvTable(string path, IReadOnlyList<string> header, IReadOnlyList<CsvRow> rows) => (Path, Header, Rows) = (path, header, rows);

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>The names of the columns.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>The lines below, without empty ones; each has a field for each column.</summary>
    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="TissueDataException">It cannot be read, is empty, or a line has another number of fields than the header.</exception>
    public static CsvTable Read(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        string text;
        try
        {
            FileStatus.RequireNotSpecial(full);
            text = File.ReadAllText(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(full, $"The table cannot be read: {exception.Message}", "Check the path, and that the file may be read.", exception);
        }

        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        if (string.IsNullOrWhiteSpace(lines[0]))
        {
            throw new TissueDataException(full, "The table is empty.", Remedy);
        }

        var separator = CsvLine.Separator(lines[0]);
        var header = CsvLine.Split(lines[0], separator);
        var rows = new List<CsvRow>();
        for (var index = 1; index < lines.Length; index++)
        {
            if (lines[index].Length == 0)
            {
                continue;
            }

            var fields = CsvLine.Split(lines[index], separator);
            rows.Add(fields.Count == header.Count ? new CsvRow(index + 1, fields) : throw new TissueDataException(
                full, $"Line {index + 1}, '{ShortText.Of(lines[index])}', has {fields.Count} fields, and the header has {header.Count}.", Remedy));
        }

        return new CsvTable(full, header, rows);
    }

    /// <summary>The place of a column; −1 where there is none.</summary>
    public int IndexOf(string name) => Header.ToList().FindIndex(column => NameForm.Compose(column).Equals(NameForm.Compose(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>The place of a column.</summary>
    /// <exception cref="TissueDataException">There is none.</exception>
    public int Require(string name) =>
        IndexOf(name) is >= 0 and var index ? index : throw new TissueDataException(Path, $"There is no column '{name}'; the header is {ShortText.Of(string.Join(',', Header))}.", "Add the column.");
}

/// <summary>A line of a table.</summary>
/// <param name="Line">Its number in the file, from 1.</param>
/// <param name="Fields">A field for each column.</param>
internal sealed record CsvRow(int Line, IReadOnlyList<string> Fields);
