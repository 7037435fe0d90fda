using Mlps.Torch.Inference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

public sealed class GateParityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ReferenceFigures _figures = ReferenceFigures.WithTests("units");

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Apply_Reference_GivesTheRecordedClasses()
    {
        var gated = ClassificationGate.Apply(_figures.Load("gate_logits"), Probabilities(), 0.1, Recipe.Reference);

        Assert.Equal(_figures.Bytes("gate_argmax"), Classes(gated));
    }

    [Fact]
    public void Logits_WithoutGate_GiveTheRecordedClasses()
    {
        var ungated = _figures.Load("gate_logits");

        Assert.Equal(_figures.Bytes("nogate_argmax"), Classes(ungated));
        Assert.NotEqual(_figures.Bytes("gate_argmax"), Classes(ungated));
    }

    [Fact]
    public void Apply_ProbabilityAtTheThreshold_DoesNotPass()
    {
        var passes = _figures.Scalar("gate_pass").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetInt32() == 1).ToArray();

        // With logits of 1 everywhere, a closed class has 0 and an open one keeps its 1.
        var gated = ClassificationGate.Apply(ones_like(_figures.Load("gate_logits")), Probabilities(), 0.1, Recipe.Reference);

        Assert.Equal(passes, gated.select(3, 0).select(2, 0).cpu().contiguous().data<float>().Select(value => value == 1f));
    }

    private static byte[] Classes(Tensor logits) => logits.argmax(1).to(ScalarType.Byte).cpu().contiguous().data<byte>().ToArray();

    private Tensor Probabilities() => _figures.Load("gate_y").unsqueeze(-1).unsqueeze(-1);
}
