using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

/// <summary>Predictions in 16 bits: near those in 32, not equal to them, and in the same tensors' types.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class PrecisionTests : IDisposable
{
    private const int Side = 64;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = TwoTissues.RandomImages(2, Side, Side);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Classifier_InSixteenBits_IsNearThirtyTwo()
    {
        using var classifier = Classifier();

        AssertNear(classifier.PredictProbabilities(_images), classifier.PredictProbabilities(_images, Precision.BFloat16), 0.02);
        AssertNear(classifier.PredictWindowProbabilities(_images), classifier.PredictWindowProbabilities(_images, Precision.BFloat16), 0.02);
        AssertNear(
            classifier.ComputeActivationMaps(_images, ActivationLayers.Default), classifier.ComputeActivationMaps(_images, ActivationLayers.Default, precision: Precision.BFloat16), 0.1);
    }

    [Theory]
    [InlineData(BackboneKind.ResNet)]
    [InlineData(BackboneKind.Compact)]
    [InlineData(BackboneKind.Xception)]
    [InlineData(BackboneKind.Drn)]
    [InlineData(BackboneKind.MobileNet)]
    public void Segmenter_InSixteenBits_IsNearThirtyTwo(BackboneKind backbone)
    {
        using var segmenter = Segmenter(backbone);
        var options = new PredictionOptions();

        AssertNear(segmenter.PredictLogits(_images, PredictionMode.Whole), segmenter.PredictLogits(_images, PredictionMode.Whole, precision: Precision.BFloat16), 0.1);
        Assert.Equal(ScalarType.Byte, segmenter.PredictMasks(_images, gate: null, options with { Precision = Precision.BFloat16 }).dtype);
    }

    [Fact]
    public void Fold_AfterWeightsChanged_IsSeenInSixteenBitsToo()
    {
        using var classifier = Classifier();
        var before = classifier.PredictProbabilities(_images, Precision.BFloat16);
        using (no_grad())
        {
            classifier.Network.state_dict()["fc8.weight"].mul_(-50);
        }

        Assert.True(classifier.PredictProbabilities(_images, Precision.BFloat16).equal(before).all().ToBoolean());
        classifier.Fold();
        Assert.False(classifier.PredictProbabilities(_images, Precision.BFloat16).allclose(before, 0, 0.01));
    }

    [Fact]
    public void SixteenBits_TrainedWeights_StayAsTheyAre()
    {
        using var segmenter = Segmenter(BackboneKind.Compact);
        var before = TwoTissues.Weights(segmenter.Network);

        segmenter.PredictLogits(_images, PredictionMode.Whole, precision: Precision.BFloat16);

        Assert.Equal(before, TwoTissues.Weights(segmenter.Network));
        Assert.All(segmenter.Network.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
    }

    [Fact]
    public void Dispose_AfterSixteenBits_LeavesNoTensors()
    {
        var before = TwoTissues.LiveTensors;
        using (NewDisposeScope())
        {
            using var segmenter = Segmenter(BackboneKind.Compact);
            segmenter.PredictLogits(_images, PredictionMode.Whole, precision: Precision.BFloat16);
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
    }

    [Fact]
    public void SixteenBits_AskedWithinACallersScope_OutliveIt()
    {
        using var segmenter = Segmenter(BackboneKind.Compact);
        for (var time = 0; time < 2; time++)
        {
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            Assert.Equal([2, 3, Side, Side], segmenter.PredictLogits(_images, PredictionMode.Whole, precision: Precision.BFloat16).shape);
        }
    }

    private static PatchClassifier Classifier()
    {
        return new PatchClassifier(new ResNet38(2, 1.0 / 16, seed: 1), Normalization.None, (Side, Side), CPU);
    }

    private static Segmenter Segmenter(BackboneKind backbone)
    {
        return new Segmenter(new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = backbone, Width = 1.0 / 16 }, seed: 1), Normalization.None, (Side, Side), CPU);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.False(expected.equal(actual).all().ToBoolean(), "Nothing was rounded.");
        RelativeDistance.AssertBelow(tolerance, expected, actual);
    }
}
