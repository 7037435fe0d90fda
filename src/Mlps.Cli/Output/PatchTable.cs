using Mlps.Label;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>The table of the patches in a folder, whichever runs cut them.</summary>
/// <remarks>A row is there as long as its file is, and says how that file was cut. Columns that somebody added stay.</remarks>
internal sealed class PatchTable
{
    private const string FileColumn = "file";
    private static readonly string[] _own = [FileColumn, "slide", "x", "y", "size", "mpp", "tissue", PatchPlace.SlideSizeColumn];

    private readonly string _path;
    private readonly string[] _header;
    private readonly OrderedDictionary<string, string[]> _rows = new(StringComparer.Ordinal);

    private PatchTable(string path, string[] header) => (_path, _header) = (path, header);

    /// <summary>Reads the table of a folder, without rows of files that are gone; it is empty where there is none.</summary>
    /// <exception cref="TissueDataException">The table cannot be read, or is of something else.</exception>
    public static PatchTable Open(string folder)
    {
        var path = Path.Combine(folder, PatchPlace.TableName);
        if (!File.Exists(path))
        {
            return new PatchTable(path, _own);
        }

        try
        {
            var read = CsvTable.Read(path);
            var file = read.Require(FileColumn);
            var table = new PatchTable(path, [.. _own, .. read.Header.Where(column => !_own.Contains(column, StringComparer.OrdinalIgnoreCase))]);
            int[] columns = [.. table._header.Select(read.IndexOf)];
            foreach (var row in read.Rows.Where(row => File.Exists(Path.Combine(folder, row.Fields[file]))))
            {
                table._rows[row.Fields[file]] = [.. columns.Select(column => column < 0 ? string.Empty : row.Fields[column])];
            }

            return table;
        }
        catch (TissueDataException exception)
        {
            throw new TissueDataException(path, exception.Rule ?? exception.Message, "Move it away, or give another folder with --output: the rows of these patches are added to it.", exception);
        }
    }

    /// <summary>Removes the rows of files that are about to be cut in another way; true where there were any.</summary>
    /// <param name="rows">Their new rows.</param>
    public bool RemoveOthers(IEnumerable<string[]> rows)
    {
        var removed = false;
        foreach (var row in rows)
        {
            removed |= _rows.TryGetValue(row[0], out var earlier) && !earlier.AsSpan(0, _own.Length).SequenceEqual(row) && _rows.Remove(row[0]);
        }

        return removed;
    }

    /// <summary>Adds the row of a file that was written, or replaces it.</summary>
    /// <param name="row">A field for each column of this program, the file first.</param>
    public void Set(string[] row) => _rows[row[0]] = [.. row, .. _rows.TryGetValue(row[0], out var earlier) ? earlier[row.Length..] : Enumerable.Repeat(string.Empty, _header.Length - row.Length)];

    /// <summary>Writes the table; it is whole or as it was before.</summary>
    /// <exception cref="TissueDataException">It cannot be written.</exception>
    public void Write() => AtomicOutput.WriteText(_path, string.Concat(_rows.Values.Prepend(_header).Select(CsvText.Line)));
}
