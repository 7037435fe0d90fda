using System.Globalization;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>Where in a slide a patch was cut.</summary>
/// <param name="Slide">The slide's path.</param>
/// <param name="X">Left border in full-resolution pixels.</param>
/// <param name="Y">Upper border.</param>
/// <param name="Size">Side of the patch in its own pixels.</param>
/// <param name="MicronsPerPixel">Micrometres along a pixel of the patch.</param>
/// <param name="SlideMicronsPerPixel">Micrometres along a full-resolution pixel of the slide, as they were when the patch was cut; null in tables of earlier versions.</param>
internal sealed record PatchPlace(string Slide, double X, double Y, int Size, double MicronsPerPixel, double? SlideMicronsPerPixel = null)
{
    /// <summary>The table that <c>mlps patches</c> writes beside the patches.</summary>
    public const string TableName = "patches.csv";

    /// <summary>The column of <see cref="SlideMicronsPerPixel"/>.</summary>
    public const string SlideSizeColumn = "slideMpp";

    private static readonly string[] _columns = ["file", "slide", "x", "y", "size", "mpp"];

    /// <summary>The places of a folder's patches, by the patches' keys; empty where the folder has no such table.</summary>
    /// <exception cref="TissueDataException">The table cannot be read; the message names the line.</exception>
    public static IReadOnlyDictionary<string, PatchPlace> ReadAll(string folder)
    {
        var path = Path.Combine(folder, TableName);
        var places = new Dictionary<string, PatchPlace>(NameForm.Comparer);
        if (!File.Exists(path))
        {
            return places;
        }

        var table = CsvTable.Read(path);
        int[] columns = [.. _columns.Select(table.Require)];
        var slideSize = table.IndexOf(SlideSizeColumn);
        foreach (var row in table.Rows)
        {
            var fields = columns.Select(column => row.Fields[column]).ToArray();
            places[fields[0]] = new PatchPlace(
                Path.GetFullPath(fields[1], folder),
                Number(path, row.Line, fields[2]),
                Number(path, row.Line, fields[3]),
                (int)Positive(path, row.Line, fields[4]),
                Positive(path, row.Line, fields[5]),
                slideSize < 0 || row.Fields[slideSize].Length == 0 ? null : Positive(path, row.Line, row.Fields[slideSize]));
        }

        return places;
    }

    /// <summary>Side of the patch in full-resolution pixels of the slide.</summary>
    /// <param name="slide">The slide, which counts where the table does not say the size of its pixels; may be null where it does.</param>
    /// <exception cref="SlideException">Neither says it.</exception>
    public double SideIn(Slides.Slide? slide) => Size * MicronsPerPixel / (SlideMicronsPerPixel ?? slide?.MicronsPerPixel ?? throw new SlideException(
        Slide, $"Neither the slide nor {TableName} says how many micrometres a pixel is.", "Give it with --slide-mpp X, or cut the patches again with this version of mlps patches, which writes it to the table."));

    private static double Positive(string path, int line, string field) =>
        Number(path, line, field) is > 0 and < int.MaxValue and var number ? number : throw new TissueDataException(path, $"Line {line}: '{ShortText.Of(field)}' is not above 0.", "Write the table again with mlps patches.");

    private static double Number(string path, int line, string field) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new TissueDataException(path, $"Line {line}: '{ShortText.Of(field)}' is no number.", "Write the table again with mlps patches, or remove it.");
}
