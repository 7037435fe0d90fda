using System.Collections;
using System.Globalization;
using System.Xml.Linq;
using Mlps.ML.Tests.Pictures;
using Mlps.Torch.Evaluation;
using Mlps.Torch.Training;
using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Notebooks;

public class NotebookHtmlTests
{
    [Fact]
    public void A_picture_carries_its_own_pixels()
    {
        var picture = MaskPicture.Draw(PictureTesting.Halves(6, 4, 0, 1), 6, 4, PictureTesting.Classes, scale: 2);

        var html = picture.ToHtml("gland & <stroma>");

        Assert.Contains("width=\"12\" height=\"8\"", html, StringComparison.Ordinal);
        Assert.Contains("alt=\"gland &amp; &lt;stroma&gt;\"", html, StringComparison.Ordinal);
        var base64 = html.Split("base64,")[1].Split('"')[0];
        using var decoded = SKBitmap.Decode(Convert.FromBase64String(base64));
        Assert.Equal((12, 8), (decoded.Width, decoded.Height));
        Assert.Equal(48, PictureTesting.Count(decoded, new SKColor(200, 40, 40)));
    }

    [Fact]
    public void Scores_and_shares_of_a_known_matrix_are_in_the_table()
    {
        XElement[] tables = [.. XElement.Parse($"<div>{Metrics("<b>gland</b>").ToHtml()}</div>").Elements("table")];

        var iou = Assert.Single(tables[0].Descendants("tr"), row => row.Element("th")!.Value == "IoU of <b>gland</b>");
        Assert.Equal(["0.7500", "0.7500"], iou.Elements("td").Select(cell => cell.Value));
        var gland = tables[1].Element("tbody")!.Elements("tr").First();
        Assert.Equal([0.75.ToString("P1", CultureInfo.InvariantCulture), 0.25.ToString("P1", CultureInfo.InvariantCulture)], gland.Elements("td").Take(2).Select(cell => cell.Value));
        Assert.All(tables[1].Element("tbody")!.Elements("tr").Last().Elements("td"), cell => Assert.Equal("n/a", cell.Value));
    }

    [Fact]
    public void Curves_fall_as_the_loss_falls()
    {
        XElement[] charts = [.. XElement.Parse(TrainingCurves.Draw([Epoch(1, 2, 0.5), Epoch(2, 1, 0.75), Epoch(3, 0.5, 1)])).Elements()];

        Assert.Equal(2, charts.Length);
        double[] loss = Heights(charts[0]), score = Heights(charts[1]);
        Assert.Equal(3, loss.Length);
        Assert.True(loss[0] < loss[1] && loss[1] < loss[2], "SVG counts from the top: a smaller loss lies further down.");
        Assert.Equal(loss[0], score[2]);
        Assert.Contains("a<b", charts[1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_need_an_epoch()
    {
        var error = Assert.Throws<ArgumentException>(() => TrainingCurves.Draw([Epoch(1, 2, 0.5) with { EpochEnded = false }]));
        Assert.Contains("at least one whole epoch", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(Picture))]
    [InlineData(typeof(SegmentationMetrics))]
    [InlineData(typeof(TrainingRecord))]
    public void Notebooks_find_the_formatter_by_names_alone(Type type)
    {
        var attribute = Assert.Single(type.GetCustomAttributes(false), a => a.GetType().Name == "TypeFormatterSourceAttribute");
        var sourceType = (Type)attribute.GetType().GetProperty("FormatterSourceType")!.GetValue(attribute)!;
        var source = Activator.CreateInstance(sourceType)!;
        var formatter = Assert.Single(((IEnumerable)sourceType.GetMethod("CreateTypeFormatters")!.Invoke(source, null)!).Cast<object>());
        Assert.Equal("text/html", formatter.GetType().GetProperty("MimeType")!.GetValue(formatter));

        using var writer = new StringWriter();
        var format = formatter.GetType().GetMethod("Format")!;
        Assert.Equal(false, format.Invoke(formatter, ["a string", writer]));
        Assert.Equal("", writer.ToString());
        Assert.Equal(true, format.Invoke(formatter, [Example(type), writer]));
        Assert.StartsWith("<", writer.ToString(), StringComparison.Ordinal);
    }

    private static object Example(Type type) =>
        type == typeof(Picture) ? MaskPicture.Draw([0], 1, 1, PictureTesting.Classes)
        : type == typeof(SegmentationMetrics) ? Metrics("gland")
        : new TrainingRecord
        {
            Options = new Dictionary<string, string>(),
            Seed = 1,
            DataDigest = "",
            Classes = ["gland"],
            Versions = new Dictionary<string, string>(),
            Epochs = [Epoch(1, 1, 1)],
        };

    private static SegmentationMetrics Metrics(string firstClass)
    {
        var matrix = new PixelConfusionMatrix(2);
        matrix.Add([0, 0, 0, 0, 1], [0, 0, 0, 1, 1]);
        return new SegmentationMetrics([firstClass, "stroma"], matrix, patchCount: 1);
    }

    private static TrainingProgress Epoch(int epoch, double loss, double score) => new()
    {
        Stage = TrainingStage.PatchClassifier,
        Epoch = epoch,
        Epochs = 3,
        Step = epoch,
        Steps = 3,
        Loss = loss,
        LearningRate = 0.1,
        PatchesPerSecond = 1,
        Remaining = TimeSpan.Zero,
        EpochEnded = true,
        Scores = new Dictionary<string, double> { ["a<b"] = score },
    };

    private static double[] Heights(XElement chart) =>
        [.. chart.Elements().Single(element => element.Name.LocalName == "polyline").Attribute("points")!.Value.Split(' ')
            .Select(point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture))];
}
