using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>What trained stages compute with: set in the options, kept with the model, changed afterwards.</summary>
[Collection(ChainTests.Name)]
public sealed class PrecisionTests(TrainedChain trained)
{
    [Fact]
    public void With_SixteenBits_ChangesProbabilitiesALittleAndLeavesTheOtherAsItWas()
    {
        var classifier = trained.Model.ClassifierOf();
        var images = TinyTable.Patches(3).Labelled();
        var full = classifier.Transform(images).Vectors<float>("Probability");

        using var reduced = classifier.With(Precision.BFloat16);

        var rounded = reduced.Transform(images).Vectors<float>("Probability");
        Assert.Equal((Precision.TensorFloat32, Precision.BFloat16), (classifier.Precision, reduced.Precision));
        Assert.NotEqual(full.SelectMany(row => row), rounded.SelectMany(row => row));
        Assert.All(full.SelectMany(row => row).Zip(rounded.SelectMany(row => row)), pair => Assert.Equal(pair.First, pair.Second, 0.02));
        Assert.Equal(full, classifier.Transform(images).Vectors<float>("Probability"));
    }

    [Fact]
    public void Dispose_OfTheOtherPrecision_LeavesTheClassifierUsable()
    {
        var classifier = trained.Model.ClassifierOf();

        classifier.With(Precision.BFloat16).Dispose();

        Assert.Equal(2, classifier.Transform(TinyTable.Patches(2).Labelled()).Vectors<float>("Probability").Length);
    }

    [Fact]
    public void Options_SixteenBits_AreKeptWithTheModel()
    {
        var ml = new MLContext(2);
        using var model = TinyChain.Create(ml, TinyChain.Classifier with { Precision = Precision.BFloat16 }, segmenter: TinyChain.Segmenter with { Segmentation = new() { Precision = Precision.BFloat16 } }).Fit(TinyTable.Patches(4).Labelled());
        using var file = new MemoryStream();
        ml.Model.Save(model, TinyTable.Patches(1).Labelled().Schema, file);

        var loaded = (TransformerChain<ITransformer>)ml.Model.Load(file, out _);

        using var segmenter = (GatedSegmenterTransformer)loaded.LastTransformer;
        using var classifier = loaded.OfType<PatchClassifierTransformer>().Single();
        Assert.Equal((Precision.BFloat16, Precision.BFloat16), (classifier.Precision, segmenter.Segmentation.Precision));
        var images = TinyTable.Patches(2).Labelled();
        Assert.Equal(model.Transform(images).Vectors<byte>("PredictedMask"), loaded.Transform(images).Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void Options_GateWindowsSideBySide_AreFewerAndKeptWithTheModel()
    {
        var ml = new MLContext(2);
        using var overlapping = ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier).Fit(TinyTable.Patches(4).Labelled());
        using var beside = ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, TinyChain.Classifier with { OverlapGateWindows = false }).Fit(TinyTable.Patches(4).Labelled());
        var large = TinyTable.Images(1, 4 * TinyTissue.Side, 3 * TinyTissue.Side).Masked();
        using var file = new MemoryStream();
        ml.Model.Save(beside, large.Schema, file);

        using var loaded = (PatchClassifierTransformer)ml.Model.Load(file, out _);

        int Different(PatchClassifierTransformer classifier) => classifier.Transform(large).Vectors<float>("GateProbability").Single().Distinct().Count();
        Assert.True(Different(beside) <= 12 * TinyTissue.Classes.Count, $"{Different(beside)} different values for 12 windows.");
        Assert.True(Different(overlapping) > Different(beside));
        Assert.Equal(beside.Transform(large).Vectors<float>("GateProbability"), loaded.Transform(large).Vectors<float>("GateProbability"));
    }
}
