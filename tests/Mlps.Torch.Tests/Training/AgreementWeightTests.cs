using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

public sealed class AgreementWeightTests : IDisposable
{
    private static readonly SegmenterTrainingOptions Weighing = new() { MaskWeights = [0.25, 0.75], AgreementFactor = 2, DisagreementFactor = 0.5 };
    private readonly DisposeScope _scope = NewDisposeScope();

    /// <summary>Two classes, four pixels: the masks agree on the first two, differ on the third, and call the last background.</summary>
    private readonly Tensor _logits = tensor(new double[] { 2, 0, 1, 9, 0, 1, 3, 0 }, [1, 2, 1, 4]);
    private readonly Tensor _masks = tensor(new long[] { 0, 1, 0, 2, 0, 1, 1, 2 }, [1, 2, 1, 4]);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Of_PixelsByAgreement_IsTheWeightedMeanOfEachMask()
    {
        var (first, second, third, other) = (Error(2, 0), Error(1, 0), Error(1, 3), Error(3, 1));
        var byFirstMask = ((2 * first) + (2 * second) + (0.5 * third)) / 4.5;
        var bySecondMask = ((2 * first) + (2 * second) + (0.5 * other)) / 4.5;

        Assert.Equal((0.25 * byFirstMask) + (0.75 * bySecondMask), Of(Weighing), 6);
    }

    [Fact]
    public void Of_FactorsOfTheSameRatio_IsTheSame() =>
        Assert.Equal(Of(Weighing), Of(Weighing with { AgreementFactor = 40, DisagreementFactor = 10 }), 6);

    [Fact]
    public void Of_EqualFactors_IsThePlainLossToTheBit() =>
        Assert.Equal(Of(new() { MaskWeights = [0.25, 0.75] }), Of(Weighing with { AgreementFactor = 3, DisagreementFactor = 3 }));

    [Fact]
    public void Of_MaskThatIsNotLearntFrom_HasNoSay()
    {
        // Without the second mask all pixels agree with themselves.
        var options = Weighing with { MaskWeights = [1, 0] };

        Assert.Equal((Error(2, 0) + Error(1, 0) + Error(1, 3)) / 3, Of(options), 6);
    }

    [Fact]
    public void Of_ClassWeights_MultiplyTheAgreement()
    {
        var (first, second, third, other) = (Error(2, 0), Error(1, 0), Error(1, 3), Error(3, 1));
        var byFirstMask = ((6 * first) + (2 * second) + (1.5 * third)) / 9.5;
        var bySecondMask = ((6 * first) + (2 * second) + (0.5 * other)) / 8.5;

        Assert.Equal((0.25 * byFirstMask) + (0.75 * bySecondMask), Of(Weighing, [3, 1]), 6);
    }

    [Fact]
    public void Of_Focal_WeighsTheFocusedErrors()
    {
        static double Focal(double error) => 0.5 * Math.Pow(1 - Math.Exp(-error), 2) * error;
        var options = Weighing with { MaskWeights = [0, 1], Loss = SegmentationLoss.Focal };
        var masks = Weighing with { Loss = SegmentationLoss.Focal };
        var (first, second, third, other) = (Focal(Error(2, 0)), Focal(Error(1, 0)), Focal(Error(1, 3)), Focal(Error(3, 1)));

        Assert.Equal((first + second + other) / 3, Of(options), 6);
        Assert.Equal((0.25 * ((2 * first) + (2 * second) + (0.5 * third)) / 4.5) + (0.75 * ((2 * first) + (2 * second) + (0.5 * other)) / 4.5), Of(masks), 6);
    }

    [Fact]
    public void Of_BackgroundAlone_IsZeroAndTeachesNothing()
    {
        var logits = _logits.clone().requires_grad_(true);
        var loss = new MultiLayerLoss(Weighing with { Loss = SegmentationLoss.CrossEntropyDice }, classCount: 2).Compute(logits, full_like(_masks, 2));
        loss.backward();

        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, logits.grad!.abs().sum().ToDouble());
    }

    [Fact]
    public void Check_PublishedQuirks_AreRefusedWithUnequalFactors()
    {
        var options = SegmenterTrainingOptions.Reference with { AgreementFactor = 2 };

        Assert.Contains("AgreementFactor and DisagreementFactor differ", Assert.Throws<ArgumentException>(options.Check).Message, StringComparison.Ordinal);
    }

    private double Of(SegmenterTrainingOptions options, float[]? classWeights = null) =>
        new MultiLayerLoss(options, classCount: 2, classWeights is null ? null : tensor(classWeights.Select(weight => (double)weight).ToArray())).Compute(_logits, _masks).ToDouble();

    private static double Error(double right, double wrong) => Math.Log(1 + Math.Exp(wrong - right));
}
