using System.Globalization;
using System.Text;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>The rows of <c>areas.csv</c>: an image's size, and the pixels and share of each class.</summary>
internal sealed class AreaTable
{
    private readonly StringBuilder _text;
    private readonly int _classCount;

    public AreaTable(TissueClasses classes)
    {
        _classCount = classes.Count;
        string[] names = [.. classes.Names, classes.Background?.Name ?? "background"];
        _text = new StringBuilder(CsvText.Line(["image", "width", "height", .. names.Select(name => name + " pixels"), .. names.Select(name => name + " share")]));
    }

    public int Count { get; private set; }

    public void Add(string name, PatchRow row)
    {
        var pixels = new long[_classCount + 1];
        foreach (var index in row.Prediction)
        {
            pixels[index]++;
        }

        _text.Append(CsvText.Line(
        [
            name,
            row.Image.Width.ToString(CultureInfo.InvariantCulture),
            row.Image.Height.ToString(CultureInfo.InvariantCulture),
            .. pixels.Select(count => count.ToString(CultureInfo.InvariantCulture)),
            .. pixels.Select(count => (count / (double)row.Prediction.Length).ToString("f6", CultureInfo.InvariantCulture)),
        ]));
        Count++;
    }

    public override string ToString() => _text.ToString();
}
