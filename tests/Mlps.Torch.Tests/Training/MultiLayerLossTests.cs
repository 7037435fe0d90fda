using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class MultiLayerLossTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Compute_WeightsAndBackground_IsTheWeightedMeanOverCountedPixels()
    {
        // One row of three pixels, two classes; the deepest mask calls the last pixel background.
        var logits = tensor(new float[] { 2, 0, 1, 0, 1, 3 }, [1, 2, 1, 3]);
        var masks = tensor(new long[] { 0, 1, 1, 0, 1, 2 }, [1, 2, 1, 3]);
        var options = new SegmenterTrainingOptions { MaskWeights = [0.25, 0.75] };

        var loss = new MultiLayerLoss(options, classCount: 2).Compute(logits, masks).ToDouble();

        double first = Entropy(2, 0), second = Entropy(1, 0), third = Entropy(3, 1);
        Assert.Equal((0.25 * (first + second + third) / 3) + (0.75 * (first + second) / 2), loss, 5);

        static double Entropy(double right, double wrong) => Math.Log(1 + Math.Exp(wrong - right));
    }

    [Fact]
    public void Compute_BackgroundAlone_IsZeroAndTeachesNothing()
    {
        var logits = randn(2, 3, 4, 4).requires_grad_(true);
        var masks = full([2, 3, 4, 4], 3, ScalarType.Int64);

        var loss = new MultiLayerLoss(new(), classCount: 3).Compute(logits, masks);
        loss.backward();

        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, logits.grad!.abs().sum().ToDouble());
    }
}
