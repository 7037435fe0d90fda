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
    public void Step_Nesterov_LooksAhead()
    {
        var (plain, ahead) = (Weight(1), Weight(1));
        var options = new OptimizerOptions { LearningRate = 0.1, Momentum = 0.5, WeightDecay = 0, DecayPower = 0 };
        using var heavyBall = new NetworkOptimizer(options, epochs: 1, stepsPerEpoch: 10, ([plain], 1, Decay: false));
        using var nesterov = new NetworkOptimizer(options with { Nesterov = true }, epochs: 1, stepsPerEpoch: 10, ([ahead], 1, Decay: false));

        heavyBall.Step(plain.sum(), 0);
        nesterov.Step(ahead.sum(), 0);

        // v = 1; heavy ball moves by v, Nesterov by 1 + 0.5·v.
        Assert.Equal([0.9, 0.85], new[] { plain, ahead }.Select(weight => Math.Round(weight.ToDouble(), 6)));
    }

    [Fact]
    public void Step_HeadAndFrozenGroups_MoveByTheirFactorOrNotAtAll()
    {
        var (body, head, frozen) = (Weight(1), Weight(1), Weight(1));
        frozen.requires_grad = false;
        var options = new OptimizerOptions { LearningRate = 0.01, Momentum = 0, WeightDecay = 0, DecayPower = 0 };
        using var optimizer = new NetworkOptimizer(options, epochs: 1, stepsPerEpoch: 10, ([body, frozen], 1, Decay: true), ([head], 10, Decay: true));

        optimizer.Step(body.add(head).add(frozen).sum(), 0);

        Assert.Equal([0.99, 0.9, 1], new[] { body, head, frozen }.Select(weight => Math.Round(weight.ToDouble(), 6)));
    }

    [Fact]
    public void Step_WeightDecay_ActsWhereTheGroupAsksForIt()
    {
        var (decayed, plain) = (Weight(1), Weight(1));
        var options = new OptimizerOptions { LearningRate = 0.1, Momentum = 0, WeightDecay = 0.5, DecayPower = 0 };
        using var optimizer = new NetworkOptimizer(options, epochs: 1, stepsPerEpoch: 10, ([decayed], 1, Decay: true), ([plain], 1, Decay: false));

        optimizer.Step(decayed.add(plain).mul(0).sum(), 0);

        Assert.Equal([0.95, 1], new[] { decayed, plain }.Select(weight => Math.Round(weight.ToDouble(), 6)));
    }

    [Fact]
    public void Step_Twice_ClearsTheGradientsOfTheFirst()
    {
        var weight = Weight(0);
        using var optimizer = new NetworkOptimizer(new() { LearningRate = 1, Momentum = 0, WeightDecay = 0, DecayPower = 0 }, epochs: 1, stepsPerEpoch: 10, ([weight], 1, Decay: false));

        optimizer.Step(weight.sum(), 0);
        optimizer.Step(weight.sum(), 1);

        Assert.Equal(-2, weight.ToDouble(), 6);
    }

    private static Parameter Weight(float value) => new(tensor(value));
}
