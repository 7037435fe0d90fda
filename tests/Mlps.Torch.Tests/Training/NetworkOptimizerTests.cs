using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mlps.Torch.Tests.Training;

public sealed class NetworkOptimizerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void RateAt_WithWarmUp_RisesLinearlyThenFollowsTheDecay()
    {
        using var optimizer = new NetworkOptimizer(new() { LearningRate = 1, DecayPower = 0, WarmUp = 0.4 }, 10, ([Weight(1)], 1, Decay: false));

        double[] expected = [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1];
        Assert.Equal(expected, Enumerable.Range(0, 10).Select(step => Math.Round(optimizer.RateAt(step), 12)));
    }

    [Fact]
    public void Step_HeadAndFrozenGroups_MoveByTheirFactorOrNotAtAll()
    {
        var (body, head, frozen) = (Weight(1), Weight(1), Weight(1));
        frozen.requires_grad = false;
        var options = new OptimizerOptions { LearningRate = 0.01, Momentum = 0, WeightDecay = 0, DecayPower = 0 };
        using var optimizer = new NetworkOptimizer(options, 10, ([body, frozen], 1, Decay: true), ([head], 10, Decay: true));

        optimizer.Step(body.add(head).add(frozen).sum(), 0);

        Assert.Equal([0.99, 0.9, 1], new[] { body, head, frozen }.Select(weight => Math.Round(weight.ToDouble(), 6)));
    }

    [Fact]
    public void Step_WeightDecay_ActsWhereTheGroupAsksForIt()
    {
        var (decayed, plain) = (Weight(1), Weight(1));
        var options = new OptimizerOptions { LearningRate = 0.1, Momentum = 0, WeightDecay = 0.5, DecayPower = 0 };
        using var optimizer = new NetworkOptimizer(options, 10, ([decayed], 1, Decay: true), ([plain], 1, Decay: false));

        optimizer.Step(decayed.add(plain).mul(0).sum(), 0);

        Assert.Equal([0.95, 1], new[] { decayed, plain }.Select(weight => Math.Round(weight.ToDouble(), 6)));
    }

    [Fact]
    public void Step_Twice_ClearsTheGradientsOfTheFirst()
    {
        var weight = Weight(0);
        using var optimizer = new NetworkOptimizer(new() { LearningRate = 1, Momentum = 0, WeightDecay = 0, DecayPower = 0 }, 10, ([weight], 1, Decay: false));

        optimizer.Step(weight.sum(), 0);
        optimizer.Step(weight.sum(), 1);

        Assert.Equal(-2, weight.ToDouble(), 6);
    }

    private static Parameter Weight(float value) => new(tensor(value));
}
