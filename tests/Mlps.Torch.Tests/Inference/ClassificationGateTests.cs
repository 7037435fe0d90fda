using Mlps.Torch.Inference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

public sealed class ClassificationGateTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Apply_ClosedClasses_HaveProbabilityZeroAndTheRestSumsToOne()
    {
        var logits = randn(2, 3, 5, 7);
        var probabilities = tensor(new float[] { 0.9f, 0.05f, 0.4f, 0.1f, 0.11f, 0 }, [2, 3, 1, 1]);

        var gated = ClassificationGate.Apply(logits, probabilities, 0.1, Recipe.Default).softmax(1);

        Assert.True(gated.sum(1).allclose(ones(2, 5, 7), 1e-5, 1e-6));
        Assert.True(gated[0, 1].eq(0).all().ToBoolean());
        Assert.True(gated[0, 0].gt(0).all().ToBoolean() && gated[0, 2].gt(0).all().ToBoolean());
        Assert.True(gated[1, 1].eq(1).all().ToBoolean());
    }

    [Fact]
    public void Apply_NothingPasses_OpensTheMostProbableClass()
    {
        var logits = tensor(new float[] { 5, -5, 1 }, [1, 3, 1, 1]);
        var probabilities = tensor(new float[] { 0.01f, 0.02f, 0.015f }, [1, 3, 1, 1]);

        var gated = ClassificationGate.Apply(logits, probabilities, 0.1, Recipe.Default).softmax(1);

        Assert.Equal([0f, 1f, 0f], gated.flatten().data<float>().ToArray());
    }

    [Theory]
    [InlineData(9, 17)]
    [InlineData(24, 33)]
    [InlineData(64, 70)]
    [InlineData(8, 8)]
    [InlineData(3, 100)]
    public void Apply_CellsOfTheImage_RuleTheirOwnEightPixels(int height, int width)
    {
        int rows = (height + 7) / 8, columns = (width + 7) / 8;
        var open = rand(1, 1, rows, columns).gt(0.5).to(ScalarType.Float32);
        var gate = cat([open, open.neg().add(1)], dim: 1);

        var chosen = ClassificationGate.Apply(zeros(1, 2, height, width), gate, 0.5, Recipe.Default).argmax(1);

        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                Assert.Equal(gate[0, 0, y / 8, x / 8].ToDouble() > 0.5 ? 0 : 1, chosen[0, y, x].ToInt64());
            }
        }
    }
}
