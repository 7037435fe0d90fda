using Mlps.Torch.Inference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Inference;

public sealed class PresenceScalingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Apply_EachClass_ShiftsItsLogitByItsThresholds()
    {
        float[] values = [0.2f, 0.7f, 0.5f, 0.01f, 0.3f, 0.999f];
        double[] thresholds = [0.2, 0.9, 0.5];

        var scaled = PresenceScaling.Apply(tensor(values, [2, 3]), thresholds).data<float>().ToArray();

        Assert.Equal(0.5, scaled[0], 6);
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(Logit(values[i]) - Logit(thresholds[i % 3]), Logit(scaled[i]), 3));
    }

    [Fact]
    public void Apply_CellsOfWindows_ScaleTheClassDimension()
    {
        var probabilities = rand([2, 3, 4, 5]);

        var scaled = PresenceScaling.Apply(probabilities, [0.1, 0.5, 0.9]);

        Assert.True(scaled.select(1, 1).allclose(probabilities.select(1, 1), 1e-5, 1e-6));
        Assert.True(scaled.select(1, 0).gt(0.5).eq(probabilities.select(1, 0).gt(0.1f)).all().ToBoolean());
        Assert.True(scaled.select(1, 2).gt(0.5).eq(probabilities.select(1, 2).gt(0.9f)).all().ToBoolean());
    }

    [Fact]
    public void Apply_CertainProbabilities_StayCertain() =>
        Assert.Equal([0f, 1f, 0f, 1f], PresenceScaling.Apply(tensor(new float[] { 0, 1, 0, 1 }, [2, 2]), [0.1, 0.9]).data<float>().ToArray());

    [Fact]
    public void Apply_OneHalfOrNothing_LeavesEveryBit()
    {
        var probabilities = rand([2, 2, 3, 3]);

        Assert.Equal(probabilities.data<float>().ToArray(), PresenceScaling.Apply(probabilities, null).data<float>().ToArray());
        Assert.Equal(probabilities.data<float>().ToArray(), PresenceScaling.Apply(probabilities, [0.5, 0.5]).data<float>().ToArray());
    }

    private static double Logit(double probability) => Math.Log(probability / (1 - probability));
}
