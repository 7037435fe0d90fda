using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Devices;

/// <summary>The device computes what the CPU does: to rounding with all bits, and to the bits of their factors with fewer.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class DeviceTests
{
    private const double AllBits = 1e-4;
    private const double ElevenBits = 1e-2;
    private const double EightBits = 1e-1;

    private static readonly (Precision Precision, double Limit)[] _precisions = [(Precision.Full, AllBits), (Precision.TensorFloat32, ElevenBits), (Precision.BFloat16, EightBits)];

    [DeviceFact]
    public void Probabilities_AreTheCpus()
    {
        using var images = TwoTissues.RandomImages(3, 64, 96);
        using var cpu = Classifier(CPU);
        using var device = Classifier(TestDevice.Value);
        using var exact = cpu.PredictProbabilities(images, Precision.Full);

        Assert.All(_precisions, at =>
        {
            using var actual = device.PredictProbabilities(images, at.Precision);
            RelativeDistance.AssertBelow(at.Limit, exact, actual);
        });
    }

    [DeviceFact]
    public void ActivationMaps_AreTheCpus()
    {
        using var images = TwoTissues.RandomImages(3, 64, 64);
        using var cpu = Classifier(CPU);
        using var device = Classifier(TestDevice.Value);
        var layers = cpu.Network.LayersByDepth.TakeLast(3).ToArray();
        using var exact = cpu.ComputeActivationMaps(images, layers, precision: Precision.Full);

        using var actual = device.ComputeActivationMaps(images, layers, precision: Precision.Full);

        RelativeDistance.AssertBelow(10 * AllBits, exact, actual);
    }

    [DeviceFact]
    public void Logits_OfEveryBackbone_AreTheCpus()
    {
        using var images = TwoTissues.RandomImages(2, 64, 64);
        Assert.All(Enum.GetValues<BackboneKind>(), backbone =>
        {
            using var cpu = Segmenter(backbone, CPU);
            using var device = Segmenter(backbone, TestDevice.Value);
            using var exact = cpu.PredictLogits(images, PredictionMode.Whole, precision: Precision.Full);
            Assert.All(_precisions, at =>
            {
                using var actual = device.PredictLogits(images, PredictionMode.Whole, precision: at.Precision);
                RelativeDistance.AssertBelow(at.Limit, exact, actual);
            });
        });
    }

    [DeviceFact]
    public void Training_WithoutDropout_HasTheLossesOfTheCpu()
    {
        var options = new SegmenterTrainingOptions { Epochs = 6, BatchSize = 20, Seed = 5, Precision = Precision.Full, Optimizer = new() { LearningRate = 0.0002, HeadFactor = 10 } };

        var exact = SegmenterLosses(options, CPU, dropout: 0);
        var actual = SegmenterLosses(options, TestDevice.Value, dropout: 0);

        Assert.All(exact.Zip(actual), losses => Assert.Equal(losses.First, losses.Second, 1e-3));
    }

    /// <summary>Dropout included: what is drawn depends on the seed and step alone.</summary>
    [DeviceFact]
    public void Training_Twice_HasTheSameLosses()
    {
        var options = new SegmenterTrainingOptions { Epochs = 6, BatchSize = 20, Seed = 5, Optimizer = new() { LearningRate = 0.0002, HeadFactor = 10 } };

        Assert.All(SegmenterLosses(options, TestDevice.Value, dropout: 0.5).Zip(SegmenterLosses(options, TestDevice.Value, dropout: 0.5)), losses => Assert.Equal(losses.First, losses.Second, 1e-3));
    }

    [DeviceFact]
    public void Classifier_Learns_InEveryPrecision()
    {
        using var patches = TwoTissues.Store(40);
        Assert.All(_precisions, at =>
        {
            using var network = TwoTissues.Classifier().to(TestDevice.Value);
            var progress = new ProgressList();
            var options = new PatchClassifierTrainingOptions { Epochs = 12, BatchSize = 10, Seed = 5, Precision = at.Precision };

            new PatchClassifierTrainer(network, patches, options, Normalization.None, TestDevice.Value).Train(progress, CancellationToken.None);

            Assert.True(progress.Reports[^1].Loss < 0.8 * progress.Reports[0].Loss, $"{at.Precision}: {progress.Reports[0].Loss} to {progress.Reports[^1].Loss}.");
        });
    }

    private static PatchClassifier Classifier(Device device) => new(TwoTissues.Classifier(), Normalization.None, (64, 64), device);

    private static Segmenter Segmenter(BackboneKind backbone, Device device) =>
        new(new DeepLabV3Plus(3, new SegmenterArchitecture { Backbone = backbone, Width = 1.0 / 8 }, seed: 1), Normalization.None, (64, 64), device);

    private static double[] SegmenterLosses(SegmenterTrainingOptions options, Device device, double dropout)
    {
        using var patches = TwoTissues.Store(20, size: 32);
        using var network = TwoTissues.Segmenter().to(device);
        foreach (var module in network.modules().OfType<SeededDropout>())
        {
            module.Rate = dropout;
        }

        var progress = new ProgressList();
        new SegmenterTrainer(network, patches, options, Normalization.None, device).Train(progress, CancellationToken.None);
        return [.. progress.Reports.Select(report => report.Loss)];
    }
}
