using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>The chain as a user writes it: from a dataset's folder to scores.</summary>
[Collection(ChainTests.Name)]
public sealed class DatasetChainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DatasetChainTests()
    {
        for (var number = 0; number < 8; number++)
        {
            var label = string.Join(' ', TinyTissue.Label(number).Select(present => present ? 1 : 0));
            WriteImage($"train/slide-{number}-[{label}].png", number, TinyTissue.Side, TinyTissue.Side);
        }

        for (var number = 0; number < 4; number++)
        {
            foreach (var split in (string[])["val", "test"])
            {
                WriteImage($"{split}/img/{number}.png", number, 48, 40);
                Directory.CreateDirectory(_folder.Combine(split, "mask"));
                PalettePng.Write(_folder.Combine(split, "mask", $"{number}.png"), TinyTissue.Mask(number, 48, 40), 48, 40, TinyTissue.Classes.Palette);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FitTransformEvaluate_DatasetOnDisk_ScoresEveryPixelOfTheTestSplit()
    {
        var ml = new MLContext(seed: 1);
        var dataset = TissueDataset.Open(_folder.Path, TinyTissue.Classes);
        using var model = TinyChain.Create(ml, segmenter: TinyChain.Segmenter with { Run = new() { ValidationSet = dataset.Load(ml, DatasetSplit.Validation) } })
            .Fit(dataset.Load(ml, DatasetSplit.Train));
        var predicted = model.Transform(dataset.Load(ml, DatasetSplit.Test));

        var metrics = ml.TissueSegmentation.Evaluate(predicted);

        byte[][] truths = predicted.Vectors<byte>("Mask"), masks = predicted.Vectors<byte>("PredictedMask");
        var tissue = truths.Zip(masks).SelectMany(pair => pair.First.Zip(pair.Second)).Where(pixel => pixel.First != 2).ToArray();
        Assert.Equal(4, metrics.PatchCount);
        Assert.Equal(TinyTissue.Classes.Names, metrics.ClassNames);
        Assert.Equal(4 * 48 * 40, metrics.ProtocolB.ConfusionMatrix.Total);
        Assert.Equal(tissue.Count(pixel => pixel.First == pixel.Second) / (double)tissue.Length, metrics.ProtocolA.PixelAccuracy, 1e-12);
        for (var c = 0; c < 2; c++)
        {
            var union = tissue.Count(pixel => pixel.First == c || pixel.Second == c);
            Assert.Equal(tissue.Count(pixel => pixel.First == c && pixel.Second == c) / (double)union, metrics.ProtocolA.ClassIoU[TinyTissue.Classes[c].Name], 1e-12);
        }
    }

    [Fact]
    public void Evaluate_OtherColumns_ComparesThose()
    {
        var ml = new MLContext(seed: 1);
        var table = TissueDataset.Open(_folder.Path, TinyTissue.Classes).Load(ml, DatasetSplit.Test);

        var metrics = ml.TissueSegmentation.Evaluate(table, predictedMaskColumnName: "Mask");

        Assert.Equal(1, metrics.ProtocolA.MeanIoU);
    }

    [Fact]
    public void Evaluate_TableThatWasNotPredicted_SaysWhichColumnIsMissing()
    {
        var ml = new MLContext(seed: 1);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => ml.TissueSegmentation.Evaluate(TinyTable.Patches(2).Masked()));

        Assert.Contains("'PredictedMask'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_FolderOfImagesWithoutLabels_PredictsThem()
    {
        var ml = new MLContext(seed: 1);
        using var model = TinyChain.Create(ml).Fit(TissueDataset.Open(_folder.Path, TinyTissue.Classes).Load(ml, DatasetSplit.Train));

        var masks = model.Transform(TissueDataset.LoadImages(ml, _folder.Combine("test", "img"))).Vectors<byte>("PredictedMask");

        Assert.Equal([48 * 40, 48 * 40, 48 * 40, 48 * 40], masks.Select(mask => mask.Length));
    }

    private void WriteImage(string path, int number, int width, int height)
    {
        var full = _folder.Combine(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        using var image = TinyTissue.Image(number, width, height);
        image.Save(full);
    }
}
