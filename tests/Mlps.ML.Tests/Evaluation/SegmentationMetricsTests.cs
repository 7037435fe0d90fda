using System.Text.Json;
using Mlps.Torch.Evaluation;
using Xunit;

namespace Mlps.ML.Tests.Evaluation;

public class SegmentationMetricsTests
{
    // The third class occurs nowhere.
    private static readonly SegmentationMetrics metrics = Metrics(["gland", "stroma", "fat"], [0, 0, 1, 1, 3], [0, 1, 1, 1, 0]);

    [Fact]
    public void ToJson_HasExactlyTheDocumentedShape()
    {
        const string Expected = """
            {"split":"test","patches":1,"protocols":{
            "A":{"meanIoU":0.5833333333333333,"frequencyWeightedIoU":0.5833333333333333,"pixelAccuracy":0.75,"meanClassAccuracy":0.75,"classIoU":{"gland":0.5,"stroma":0.6666666666666666,"fat":null}},
            "B":{"meanIoU":0.5,"frequencyWeightedIoU":0.4,"pixelAccuracy":0.6,"meanClassAccuracy":0.75,"classIoU":{"gland":0.3333333333333333,"stroma":0.6666666666666666,"fat":null}}}}
            """;

        var json = metrics.ToJson("test").ToJsonString();

        Assert.Equal(Expected.ReplaceLineEndings(""), json);
    }

    [Fact]
    public void ToJson_NothingCounted_WritesNullsThatParse()
    {
        var json = Metrics(["a"], [], []).ToJson("val");

        using var parsed = JsonDocument.Parse(json.ToJsonString());
        var meanIoU = parsed.RootElement.GetProperty("protocols").GetProperty("B").GetProperty("meanIoU");
        Assert.Equal(JsonValueKind.Null, meanIoU.ValueKind);
    }

    [Fact]
    public void ToJson_CallerMayAddProperties()
    {
        var json = metrics.ToJson("test");
        json["gate"] = 0.1;

        Assert.EndsWith("\"gate\":0.1}", json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_IsATableWithEveryScoreOnALine()
    {
        var lines = metrics.ToString().ReplaceLineEndings("\n").Split('\n');

        Assert.Equal("1 patches, 5 pixels", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("mean IoU", StringComparison.Ordinal) && line.EndsWith("0.5833      0.5000", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("IoU of gland", StringComparison.Ordinal) && line.EndsWith("0.5000      0.3333", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("IoU of fat", StringComparison.Ordinal) && line.EndsWith("n/a         n/a", StringComparison.Ordinal));
        Assert.Single(lines[1..^1].Select(line => line.Length).Distinct());
    }

    [Fact]
    public void ClassIoU_KeepsTheOrderOfTheClasses() => Assert.Equal(["gland", "stroma", "fat"], metrics.ProtocolA.ClassIoU.Keys);

    private static SegmentationMetrics Metrics(string[] classes, byte[] truth, byte[] predicted)
    {
        var matrix = new PixelConfusionMatrix(classes.Length);
        matrix.Add(truth, predicted);
        return new SegmentationMetrics(classes, matrix, patchCount: 1);
    }
}
