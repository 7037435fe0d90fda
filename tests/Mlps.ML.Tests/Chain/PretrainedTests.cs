using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Mlps.Torch.Weights;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>The method on ResNet-18 encoders that start from ML.NET's pretrained weights.</summary>
[Collection(ChainTests.Name)]
public sealed class PretrainedTests
{
    private readonly MLContext _ml = new(seed: 3);

    [Fact]
    public void Fit_Pretrained_TrainsSavesAndPredictsTheSameWithoutTheFile()
    {
        var options = MultiLayerPseudoSupervisionOptions.Pretrained;
        options = options with
        {
            Classifier = options.Classifier with { Training = options.Classifier.Training! with { Epochs = 1, BatchSize = 4 }, ActivationMapViews = 2 },
            Segmenter = options.Segmenter with { Training = options.Segmenter.Training! with { Epochs = 1, BatchSize = 4 } },
        };
        using var model = _ml.TissueSegmentation.MultiLayerPseudoSupervision(TinyTissue.Classes, options).Fit(TinyTable.Patches(8).Labelled());
        var images = TinyTable.Images(2, 44, 36).Labelled();
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        stream.Position = 0;

        // Whatever it starts from, a loaded model is built from the weights in its own file.
        using var loaded = (TransformerChain<ITransformer>)new MLContext().Model.Load(stream, out _);

        var (expected, actual) = (model.Transform(images), loaded.Transform(images));
        Assert.IsType<ResNet18>(loaded.OfType<PatchClassifierTransformer>().Single().Classifier.Network);
        Assert.All(["PseudoMask.fused", "PredictedMask"], column => Assert.Equal(expected.Vectors<byte>(column), actual.Vectors<byte>(column)));
        Assert.Equal(expected.Vectors<float>("ActivationMaps"), actual.Vectors<float>("ActivationMaps"));
    }

    [Fact]
    public void Pretrained_StartsFromTheFilesWeights()
    {
        using var network = new ResNet18(classCount: 2);
        using var file = WeightFile.Open(PretrainedWeights.ResNet18);

        var options = PatchClassifierOptions.Pretrained;

        Assert.Equal(PretrainedWeights.ResNet18, options.InitialWeights);
        Assert.Equal(110, network.CompareWeights(file).Matched.Count);
        Assert.False(options.KeepsLoadedFront);
    }

    [Fact]
    public void PretrainedWeights_WithOtherIntensities_Warn()
    {
        var warnings = new List<string>();
        _ml.Log += (_, entry) =>
        {
            if (entry.Kind is Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                warnings.Add(entry.RawMessage);
            }
        };
        var training = PatchClassifierTrainingOptions.Pretrained with { Epochs = 1, BatchSize = 4, OutputStride = 32 };

        foreach (var normalization in (Normalization[])[Normalization.BlueGreenRed, Normalization.None])
        {
            warnings.Clear();
            using var model = _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, PatchClassifierOptions.Pretrained with { Normalization = normalization, Training = training })
                .Fit(TinyTable.Patches(4).Labelled());

            Assert.Equal(normalization is Normalization.None, warnings.Exists(warning => warning.Contains("Normalization is None", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void OutputStrideOfTraining_OnAnotherEncoder_IsRefused()
    {
        var options = new PatchClassifierOptions { Training = new() { OutputStride = 16 } };

        var error = Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options));

        Assert.Contains("OutputStride is 16", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ActivationLayer.Bn7)]
    [InlineData(ActivationLayer.B4Block5)]
    public void Layers_OfAnotherEncoder_AreRefused(ActivationLayer layer)
    {
        var options = new PatchClassifierOptions { Encoder = ClassifierEncoder.ResNet18, Layers = [layer] };

        var error = Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options));

        Assert.Contains("Layer4Block2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReferenceRecipe_OnAnotherEncoder_IsRefused()
    {
        var options = new PatchClassifierOptions { Encoder = ClassifierEncoder.ResNet18, Recipe = Recipe.Reference };

        var error = Assert.Throws<ArgumentException>(() => _ml.TissueSegmentation.PatchClassifier(TinyTissue.Classes, options));

        Assert.Contains("ResNet-38", error.Message, StringComparison.Ordinal);
    }
}
