using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class LossParityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("units");

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void MultiLabelLoss_GivesTheRecordedValueAndGradient()
    {
        var logits = _figures.Load("mlsm_x").requires_grad_(true);

        var loss = nn.functional.multilabel_soft_margin_loss(logits, _figures.Load("mlsm_t"));
        loss.backward();

        ParityAssert.Close("mlsm_loss", [loss.ToDouble()], [_figures.Scalar("mlsm_loss").GetDouble()], 1e-6);
        ParityAssert.Close("mlsm_grad", logits.grad!, _figures.Load("mlsm_grad"), 1e-5);
    }

    [Fact]
    public void MultiLayerLoss_ExtraChannel_GivesTheRecordedValueAndGradient()
    {
        var logits = _figures.Load("s2_logits").requires_grad_(true);

        var loss = new MultiLayerLoss(SegmenterTrainingOptions.Reference, classCount: 4).Compute(logits, Masks());
        loss.backward();

        ParityAssert.Close("s2_loss", [loss.ToDouble()], [_figures.Scalar("s2_loss").GetProperty("total").GetDouble()], 1e-6);
        ParityAssert.Close("s2_grad", logits.grad!, _figures.Load("s2_grad"), 1e-5);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public void MultiLayerLoss_OneMaskAlone_GivesItsRecordedPart(int layer, int recorded)
    {
        double[] weights = [0, 0, 0];
        weights[layer] = 1;

        var loss = new MultiLayerLoss(SegmenterTrainingOptions.Reference with { MaskWeights = weights }, classCount: 4).Compute(_figures.Load("s2_logits"), Masks());

        ParityAssert.Close($"s2_loss part {recorded}", [loss.ToDouble()], [_figures.Scalar("s2_loss").GetProperty("o_a_b")[recorded].GetDouble()], 1e-6);
    }

    [Fact]
    public void MultiLayerLoss_FocalOverMean_GivesTheRecordedValue()
    {
        var options = SegmenterTrainingOptions.Reference with { MaskWeights = [0, 0, 1], Loss = SegmentationLoss.Focal };

        var loss = new MultiLayerLoss(options, classCount: 4).Compute(_figures.Load("s2_logits"), Masks());

        ParityAssert.Close("s2_loss focal_o", [loss.ToDouble()], [_figures.Scalar("s2_loss").GetProperty("focal_o").GetDouble()], 1e-6);
    }

    /// <summary>[N, 3, H, W], deepest layer last; the recorded ones have the deepest first.</summary>
    private Tensor Masks() => stack([_figures.Load("s2_target2"), _figures.Load("s2_target1"), _figures.Load("s2_target0")], dim: 1).to(ScalarType.Int64);
}
