using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class DiceLossTests : IDisposable
{
    private const int Background = 3;
    private readonly DisposeScope _scope = NewDisposeScope();

    /// <summary>Three classes, two patches of two pixels; the last class occurs nowhere, and one pixel is background.</summary>
    private readonly Tensor _logits = tensor(new double[] { 2, 0, 1, -1, 0, 1, 3, 0, 1, -2, 0.5, 2 }, [2, 3, 1, 2]);
    private readonly Tensor _mask = tensor(new long[] { 0, 1, 1, Background }, [2, 1, 2]);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Of_ClassesThatOccur_IsTheMeanOverTheBatchsSums() =>
        Assert.Equal(ByHand([1, 1, 1]), DiceLoss.Compute(_logits, _mask, pixelWeights: null).ToDouble(), 12);

    [Fact]
    public void Of_PixelWeights_CountInEverySum() =>
        Assert.Equal(ByHand([2, 0.5, 3]), DiceLoss.Compute(_logits, _mask, tensor(new double[] { 2, 0.5, 3, 7 }, [2, 1, 2])).ToDouble(), 12);

    [Fact]
    public void Of_PixelWeightsAllDoubled_IsTheSame() =>
        Assert.Equal(ByHand([1, 1, 1]), DiceLoss.Compute(_logits, _mask, full([2, 1, 2], 2.0, ScalarType.Float64)).ToDouble(), 12);

    [Fact]
    public void Of_IgnoredPixels_NeitherCountNorGetAGradient()
    {
        var logits = _logits.clone().requires_grad_(true);
        var loss = DiceLoss.Compute(logits, _mask, pixelWeights: null);
        loss.backward();

        var other = _logits.clone();
        other[1].select(2, 1).fill_(5);
        Assert.Equal(loss.ToDouble(), DiceLoss.Compute(other, _mask, pixelWeights: null).ToDouble(), 12);
        Assert.Equal(0, logits.grad![1].select(2, 1).abs().sum().ToDouble());
        Assert.True(logits.grad.abs().sum(1).gt(0).sum().ToInt64() == 3);
    }

    [Fact]
    public void Of_BackgroundAlone_IsZeroAndTeachesNothing()
    {
        var logits = _logits.clone().requires_grad_(true);
        var loss = DiceLoss.Compute(logits, full_like(_mask, Background), pixelWeights: null);
        loss.backward();

        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, logits.grad!.abs().sum().ToDouble());
    }

    [Fact]
    public void PixelLoss_CrossEntropyDice_IsTheSumOfBoth()
    {
        var both = new PixelLoss(new() { Loss = SegmentationLoss.CrossEntropyDice }, Background, classWeights: null).Compute(_logits, _mask).ToDouble();
        var entropy = Pixels().Sum(pixel => -Math.Log(pixel.Probabilities[pixel.Truth])) / 3;

        Assert.Equal(entropy + ByHand([1, 1, 1]), both, 12);
    }

    [Fact]
    public void Check_CrossEntropyDiceWithTheExtraChannel_IsRefused()
    {
        var options = new SegmenterTrainingOptions { Loss = SegmentationLoss.CrossEntropyDice, Quirks = new() { IgnoredPixels = IgnoredPixelRule.ExtraChannel } };

        Assert.Contains("Loss is CrossEntropyDice", Assert.Throws<ArgumentException>(options.Check).Message, StringComparison.Ordinal);
    }

    /// <summary>1 − the mean over classes 0 and 1 of 2·Σ w·p·y / Σ w·(p + y), over the three pixels that count.</summary>
    private static double ByHand(double[] weights)
    {
        var pixels = Pixels();
        double Dice(int c) =>
            2 * pixels.Zip(weights, (pixel, weight) => pixel.Truth == c ? weight * pixel.Probabilities[c] : 0).Sum()
            / pixels.Zip(weights, (pixel, weight) => weight * (pixel.Probabilities[c] + (pixel.Truth == c ? 1 : 0))).Sum();
        return 1 - ((Dice(0) + Dice(1)) / 2);
    }

    private static (double[] Probabilities, int Truth)[] Pixels() =>
        [(Softmax(2, 1, 0), 0), (Softmax(0, -1, 1), 1), (Softmax(3, 1, 0.5), 1)];

    private static double[] Softmax(params double[] logits) => [.. logits.Select(logit => Math.Exp(logit) / logits.Sum(Math.Exp))];
}
