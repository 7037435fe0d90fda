using System.Globalization;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Micrometres a pixel of single slides, from a CSV file with the columns <c>slide</c> and <c>mpp</c>.</summary>
/// <remarks>A slide is named by its file's name, with or without the extension, or by the end of its path. Upper and lower case count.</remarks>
public sealed class MppTable
{
    private const string Remedy = "Write a header line 'slide,mpp' and one line for each slide, such as 'a.svs,0.25'.";

    private readonly Dictionary<string, double> _sizes = new(StringComparer.Ordinal);

    private MppTable(string path) => Path = path;

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>The names in the file, in its order.</summary>
    public IReadOnlyCollection<string> Names => _sizes.Keys;

    /// <summary>Reads a file.</summary>
    /// <exception cref="SlideException">The file cannot be read, a column is missing, a number is none, or a slide has two sizes; the message names the line.</exception>
    public static MppTable Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            FileStatus.RequireNotSpecial(full);
            return Parse(full, File.ReadAllText(full));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TissueDataException)
        {
            throw new SlideException(full, $"The table cannot be read: {exception.Message}", Remedy, exception);
        }
    }

    /// <summary>The size for a slide; null where the table has none.</summary>
    /// <param name="slidePath">The slide's path.</param>
    public double? Find(string slidePath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(slidePath);
        foreach (var name in NamesFor(slidePath))
        {
            if (_sizes.TryGetValue(name, out var size))
            {
                return size;
            }
        }

        return null;
    }

    /// <summary>The names in the file that are of none of some slides, in its order.</summary>
    /// <param name="slidePaths">The slides' paths.</param>
    public IReadOnlyList<string> NamesOfNone(IEnumerable<string> slidePaths)
    {
        ArgumentNullException.ThrowIfNull(slidePaths);
        var known = slidePaths.SelectMany(NamesFor).ToHashSet(StringComparer.Ordinal);
        return [.. Names.Where(name => !known.Contains(name))];
    }

    /// <summary>What a slide may be called: its path and the ends of it, longest first, each with and without the extension.</summary>
    private static IEnumerable<string> NamesFor(string slidePath)
    {
        var path = Key(System.IO.Path.GetFullPath(slidePath));
        for (var start = 0; start >= 0; start = path.IndexOf('/', start) is >= 0 and var slash ? slash + 1 : -1)
        {
            var end = path[start..];
            yield return end;
            yield return end[..^System.IO.Path.GetExtension(end).Length];
        }
    }

    private static MppTable Parse(string path, string text)
    {
        var table = new MppTable(path);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var separator = CsvLine.Separator(lines[0]);
        var header = CsvLine.Split(lines[0].TrimStart('\uFEFF'), separator);
        var (slide, mpp) = (IndexOf(header, "slide"), IndexOf(header, "mpp"));
        if (slide < 0 || mpp < 0)
        {
            throw new SlideException(path, $"The first line is '{ShortText.Of(lines[0])}' and does not name the columns slide and mpp.", Remedy);
        }

        for (var index = 1; index < lines.Length; index++)
        {
            if (string.IsNullOrWhiteSpace(lines[index]))
            {
                continue;
            }

            var fields = CsvLine.Split(lines[index], separator);
            if (fields.Count <= Math.Max(slide, mpp) || fields[slide].Length == 0)
            {
                throw new SlideException(path, $"Line {index + 1}, '{ShortText.Of(lines[index])}', has no slide or no mpp.", Remedy);
            }

            if (!double.TryParse(fields[mpp], NumberStyles.Float, CultureInfo.InvariantCulture, out var size) || !(size > 0) || !double.IsFinite(size))
            {
                throw new SlideException(path, $"Line {index + 1}: '{ShortText.Of(fields[mpp])}' is no number of micrometres above 0.", "Write it with a point, such as 0.25.");
            }

            var key = Key(fields[slide]);
            if (!table._sizes.TryAdd(key, size) && table._sizes[key] != size)
            {
                throw new SlideException(path, $"Line {index + 1}: '{ShortText.Of(fields[slide])}' has {PixelSize.Number(size)} here and {PixelSize.Number(table._sizes[key])} before.", "Keep one of the two.");
            }
        }

        return table;
    }

    private static int IndexOf(IReadOnlyList<string> header, string name)
    {
        for (var index = 0; index < header.Count; index++)
        {
            if (header[index].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return index;
            }
        }

        return -1;
    }

    private static string Key(string name) => NameForm.Compose(name.Replace('\\', '/'));
}
