using System.Globalization;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class AttentionParityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("units");

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("1.0")]
    [InlineData("0.8")]
    [InlineData("0.65")]
    public void Apply_GivesTheRecordedOutputAndGradients(string threshold)
    {
        var features = _figures.Load("pda_x").requires_grad_(true);
        var head = _figures.Load("pda_w").requires_grad_(true);
        var attention = new ProgressiveDropoutAttention(double.Parse(threshold, CultureInfo.InvariantCulture), Divisor: 4);

        var output = attention.Apply(features, head);
        output.backward([_figures.Load("pda_go")]);

        Compare($"pda_out_{threshold}", output);
        Compare($"pda_gx_{threshold}", features.grad!);
        Compare($"pda_gw_{threshold}", head.grad!);
    }

    [Fact]
    public void ThresholdAt_ReferenceSchedule_GivesTheRecordedCourse()
    {
        var recorded = ReferenceFigures.WithTests("stage1_small").Scalar("gama_schedule").EnumerateArray().Select(value => value.GetDouble()).ToArray();

        // The recorded value i is the one after epoch i, which epoch i + 1 uses.
        var course = Enumerable.Range(1, recorded.Length).Select(AttentionSchedule.Reference.ThresholdAt).ToArray();

        Assert.Equal(30, recorded.Length);
        ParityAssert.Close("mu schedule", course, recorded, 1e-14);
    }

    private void Compare(string name, Tensor actual) => ParityAssert.Close(name, actual, _figures.Load(name), _figures.Tolerance(name));
}
