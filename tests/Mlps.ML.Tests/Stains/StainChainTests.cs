using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Tests.Chain;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Stain normalization before the three stages, in one chain.</summary>
[Collection(ChainTests.Name)]
public sealed class StainChainTests : IDisposable
{
    private const int Side = TinyTissue.Side;

    private readonly MLContext _ml = new(seed: 3);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_ChainWithValidation_TrainsOnNormalizedImages()
    {
        var table = TinyTable.Patches(8).Labelled();
        var validation = TinyTable.Images(3, 44, 36);
        var masks = new MultiLayerPseudoSupervisionOptions { Run = new() { ValidationSet = validation.Masked() }, Classifier = TinyChain.Classifier, Segmenter = TinyChain.Segmenter with { Segmentation = new() { Gate = GateMode.None } } };
        using var chain = _ml.TissueSegmentation.NormalizeStains().Append(_ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, masks)).Fit(table);

        // The same stages, trained on images that were normalized beforehand, are the same to the bit.
        var stains = _ml.TissueSegmentation.NormalizeStains().Fit(table);
        var before = masks with { Run = new() { ValidationSet = stains.Transform(validation.Masked()) } };
        using var apart = new MLContext(seed: 3).TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, before).Fit(stains.Transform(table));

        Assert.Equal(
            apart.Transform(stains.Transform(validation.Masked())).Vectors<float>("PixelProbability"),
            chain.Transform(validation.Masked()).Vectors<float>("PixelProbability"));
        Assert.NotEqual(apart.Transform(validation.Masked()).Vectors<float>("PixelProbability"), chain.Transform(validation.Masked()).Vectors<float>("PixelProbability"));
    }

    [Fact]
    public void Load_SavedChain_PredictsTheSameInTablesAndEngines()
    {
        var table = TinyTable.Patches(6).Labelled();
        using var chain = _ml.TissueSegmentation.NormalizeStains("Normalized")
            .Append(TinyChain.Create(_ml, TinyChain.Classifier with { ImageColumnName = "Normalized" }, new() { ImageColumnName = "Normalized" }, TinyChain.Segmenter with { ImageColumnName = "Normalized" }))
            .Fit(table);
        _ml.Model.Save(chain, table.Schema, _folder.Combine("model.zip"));

        using var loaded = (TransformerChain<ITransformer>)new MLContext().Model.Load(_folder.Combine("model.zip"), out _);
        using var engine = new MLContext().Model.CreatePredictionEngine<Patch, Prediction>(loaded, new PredictionEngineOptions { OwnsTransformer = false });

        var expected = chain.Transform(table).Vectors<byte>("PredictedMask");
        Assert.Equal(expected, loaded.Transform(table).Vectors<byte>("PredictedMask"));
        for (var number = 0; number < 3; number++)
        {
            using var image = TinyTissue.Image(number, Side, Side);
            Assert.Equal(expected[number], engine.Predict(new Patch { Image = image }).PredictedMask);
        }
    }

    private sealed class Patch
    {
        [ImageType(Side, Side)]
        public MLImage? Image { get; set; }
    }

    private sealed class Prediction
    {
        public byte[] PredictedMask { get; set; } = [];
    }
}
