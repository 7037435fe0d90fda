using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Tests.Chain;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>The size of the patches' pixels: from the dataset to the saved model.</summary>
[Collection(ChainTests.Name)]
public sealed class MicronsPerPixelTests
{
    private static string Rest => DatasetBuilder.Classes.ToJson().Trim()[1..];

    [Theory]
    [InlineData("\"micronsPerPixel\": 0.25,", 0.25)]
    [InlineData("\"micronsPerPixel\": null,", null)]
    [InlineData("", null)]
    public void Manifest_SaysIt(string entry, double? expected)
    {
        using var files = new DatasetBuilder(manifest: false).Text("dataset.json", $"{{{entry} {Rest}").EmptyFolder("train");

        Assert.Equal(expected, TissueDataset.Open(files.Folder).MicronsPerPixel);
        Assert.Equal(2, TissueDataset.Open(files.Folder, new TissueDatasetOptions { MicronsPerPixel = 2 }).MicronsPerPixel);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.5")]
    [InlineData("\"0.5\"")]
    [InlineData("1e999")]
    public void Manifest_OfSomethingElse_IsRefusedByName(string value)
    {
        using var files = new DatasetBuilder(manifest: false).Text("dataset.json", $"{{\"micronsPerPixel\": {value}, {Rest}").EmptyFolder("train");

        var error = Assert.Throws<TissueDataException>(() => TissueDataset.Open(files.Folder));

        Assert.Equal(files.PathOf("dataset.json"), error.FilePath);
        Assert.Contains($"'micronsPerPixel' must be a number above 0, the patches' µm a pixel, or null; it is {value}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Options_OutsideTheRange_AreRefused(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TissueDataset.Open("nowhere", new TissueDatasetOptions { MicronsPerPixel = value }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MLContext().TissueSegmentation.GatedSegmenter(TinyTissue.Classes, new() { MicronsPerPixel = value }));
    }

    [Fact]
    public void Model_RemembersIt_ThroughItsFile()
    {
        var ml = new MLContext(1);
        using var model = TinyChain.Create(ml, segmenter: TinyChain.Segmenter with { MicronsPerPixel = 0.5 }).Fit(TinyTable.Patches(4).Labelled());
        using var stream = new MemoryStream();
        ml.Model.Save(model, null, stream);
        stream.Position = 0;

        using var loaded = (TransformerChain<ITransformer>)ml.Model.Load(stream, out _);

        Assert.Equal(0.5, ((GatedSegmenterTransformer)loaded.LastTransformer).MicronsPerPixel);
        Assert.Equal(0.5, model.LastTransformer.With(model.LastTransformer.Segmentation).MicronsPerPixel);
    }
}
