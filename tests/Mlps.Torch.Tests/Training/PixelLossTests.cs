using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class PixelLossTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    /// <summary>Two classes, three pixels; the right classes are 0, 1 and background.</summary>
    private readonly Tensor _logits;
    private readonly Tensor _mask;
    private readonly double _first = Error(2, 0);
    private readonly double _second = Error(1, 0);

    public PixelLossTests()
    {
        _logits = tensor(new float[] { 2, 0, 1, 0, 1, 3 }, [1, 2, 1, 3]);
        _mask = tensor(new long[] { 0, 1, 2 }, [1, 1, 3]);
    }

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Compute_CrossEntropyWithClassWeights_IsTheWeightedMean() =>
        Assert.Equal(((3 * _first) + _second) / 4, Compute(new(), [3, 1]), 5);

    [Fact]
    public void Compute_FocalPerPixel_CountsEachPixelByItsOwnProbability() =>
        Assert.Equal((Focal(_first) + Focal(_second)) / 2, Compute(new() { Loss = SegmentationLoss.Focal }), 5);

    [Fact]
    public void Compute_FocalPerPixelWithClassWeights_IsTheWeightedMean() =>
        Assert.Equal(((3 * Focal(_first)) + Focal(_second)) / 4, Compute(new() { Loss = SegmentationLoss.Focal }, [3, 1]), 5);

    [Fact]
    public void Compute_FocalOverMean_TakesTheBatchForOnePixel() =>
        Assert.Equal(Focal((_first + _second) / 2), Compute(new() { Loss = SegmentationLoss.Focal, Quirks = new() { FocalOverMean = true } }), 5);

    [Fact]
    public void Compute_FocalWithGammaZeroAndAlphaOne_IsCrossEntropy() =>
        Assert.Equal(Compute(new()), Compute(new() { Loss = SegmentationLoss.Focal, FocalGamma = 0, FocalAlpha = 1 }), 5);

    [Fact]
    public void Compute_ExtraChannelWithClassWeights_CountsBackgroundOnce()
    {
        var options = new SegmenterTrainingOptions { Quirks = new() { IgnoredPixels = IgnoredPixelRule.ExtraChannel } };
        var scores = cat([_logits, tensor(new float[] { 0, 0, 100 }, [1, 1, 1, 3])], dim: 1);
        var loss = new PixelLoss(options, classCount: 2, tensor(new float[] { 3, 1 })).Compute(scores, _mask).ToDouble();

        Assert.Equal(((3 * Error(2, 0, 0)) + Error(1, 0, 0) + 0) / 5, loss, 5);
    }

    [Fact]
    public void Compute_BackgroundAloneWithFocalAndWeights_IsZeroAndTeachesNothing()
    {
        var logits = randn(1, 2, 1, 3).requires_grad_(true);
        var loss = new PixelLoss(new() { Loss = SegmentationLoss.Focal }, classCount: 2, tensor(new float[] { 3, 1 })).Compute(logits, full([1, 1, 3], 2, ScalarType.Int64));
        loss.backward();

        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, logits.grad!.abs().sum().ToDouble());
    }

    private double Compute(SegmenterTrainingOptions options, float[]? weights = null) =>
        new PixelLoss(options, classCount: 2, weights is null ? null : tensor(weights)).Compute(_logits, _mask).ToDouble();

    private static double Focal(double error) => 0.5 * Math.Pow(1 - Math.Exp(-error), 2) * error;

    private static double Error(double right, params double[] wrong) => Math.Log(1 + wrong.Sum(other => Math.Exp(other - right)));
}
