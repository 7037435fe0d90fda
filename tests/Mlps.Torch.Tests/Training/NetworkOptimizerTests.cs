using System.Security.Cryptography;
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

    [Fact]
    public void Step_GivesTheBitsOfPyTorchsSgdTensorByTensor()
    {
        OptimizerOptions[] variants =
        [
            new() { Momentum = 0.9, WeightDecay = 5e-4 },
            new() { Momentum = 0.9, WeightDecay = 0 },
            new() { Momentum = 0.9, WeightDecay = 5e-4, Nesterov = true },
            new() { Momentum = 0, WeightDecay = 5e-4 },
            new() { Momentum = 0, WeightDecay = 0 },
        ];
        Assert.All(variants, options => Assert.All([ScalarType.Float32, ScalarType.Float64], type =>
        {
            using var scope = NewDisposeScope();
            var (ours, theirs) = (Mixed(type), Mixed(type));
            using var optimizer = new NetworkOptimizer(options, 1, 10, (ours[..3], 1, Decay: true), (ours[3..], 10, Decay: false));
            using var reference = Reference(options, theirs);
            for (var step = 0; step < 6; step++)
            {
                optimizer.Step(Loss(ours, step), step);
                Step(reference, Loss(theirs, step), optimizer.RateAt(step));

                Assert.All(ours.Zip(theirs), pair => Assert.Equal(Bits(pair.Second), Bits(pair.First)));
            }
        }));
    }

    [Fact]
    public void Step_ParameterThatNoBackwardPassHasReached_StaysAsItIs()
    {
        var (used, unused) = (Weight(1), Weight(1));
        using var optimizer = new NetworkOptimizer(new() { WeightDecay = 0.5 }, epochs: 1, stepsPerEpoch: 10, ([used, unused, Weight(1)], 1, Decay: true));

        optimizer.Step(used.sum(), 0);

        Assert.Equal(1, unused.ToSingle());
        Assert.Null(unused.grad);
        Assert.Equal([0], optimizer.Momentum.Select(momentum => momentum.Index));

        optimizer.Step(used.add(unused).sum(), 1);

        Assert.NotEqual(1, unused.ToSingle());
        Assert.Equal([0, 1], optimizer.Momentum.Select(momentum => momentum.Index));
    }

    [Fact]
    public void Parameters_WhileAnOptimizerHoldsThem_KeepValuesShapesAndOrderInMemory()
    {
        var parameters = Mixed(ScalarType.Float32);
        var before = parameters.Select(parameter => (Bits(parameter), parameter.shape, parameter.stride())).ToArray();

        using var optimizer = new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, (parameters, 1, Decay: true));

        Assert.Equal(before, parameters.Select(parameter => (Bits(parameter), parameter.shape, parameter.stride())));
        Assert.All(parameters, parameter => Assert.True(parameter is { requires_grad: true, is_leaf: true }));
    }

    [Fact]
    public void Parameter_ThatLiesWithGaps_IsLaidAsACopy()
    {
        var columns = new Parameter(arange(12, ScalarType.Float32).view(3, 4).narrow(1, 1, 2));
        using var optimizer = new NetworkOptimizer(new() { LearningRate = 1, Momentum = 0, WeightDecay = 0 }, epochs: 1, stepsPerEpoch: 10, ([columns], 1, Decay: false));

        optimizer.Step(columns.sum(), 0);

        Assert.Equal([0, 1, 4, 5, 8, 9], columns.contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Gradients_AfterABackwardPass_AreThoseOfTheParametersAndCanBeChanged()
    {
        var (first, second) = (Weight(1), new Parameter(ones(2, ScalarType.Float64)));
        using var optimizer = new NetworkOptimizer(new() { LearningRate = 1, Momentum = 0, WeightDecay = 0 }, epochs: 1, stepsPerEpoch: 10, ([first, second], 1, Decay: false));

        optimizer.Backward(first.mul(3).add(second.sum()));
        Assert.Equal([3, 2], optimizer.Gradients.Select(gradients => gradients.sum().ToDouble()));
        foreach (var gradients in optimizer.Gradients)
        {
            gradients.mul_(0.5);
        }

        optimizer.Apply(0);
        Assert.Equal((-0.5, 0.5), (first.ToDouble(), second.mean().ToDouble()));
    }

    [Fact]
    public void Step_ManyParameters_MakesNoMoreTensorsThanFew()
    {
        Assert.Equal((0, 0), (Created(2), Created(50)));

        static long Created(int count)
        {
            using var scope = NewDisposeScope();
            Parameter[] parameters = [.. Enumerable.Range(0, count).Select(_ => Weight(1))];
            using var optimizer = new NetworkOptimizer(new() { Nesterov = true }, epochs: 1, stepsPerEpoch: 10, (parameters, 1, Decay: true));
            optimizer.Step(stack(parameters).sum(), 0);
            var loss = stack(parameters).sum();
            var statistics = DisposeScopeManager.Statistics;
            var before = statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount;
            optimizer.Step(loss, 1);
            return statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount - before;
        }
    }

    [Fact]
    public void Optimizer_ParameterGivenTwice_IsRefused()
    {
        var weight = Weight(1);

        var error = Assert.Throws<ArgumentException>(() => new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, ([weight], 1, Decay: true), ([weight], 10, Decay: true)));

        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_GivesParametersMemoryOfTheirOwnInTheSameOrder()
    {
        var parameters = Mixed(ScalarType.Float32);
        var optimizer = new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, (parameters, 1, Decay: true));
        optimizer.Step(Loss(parameters, 0), 0);
        var shared = optimizer.Flats[0].Weights.alias();
        var before = parameters.Select(parameter => (Bits(parameter), parameter.stride())).ToArray();

        optimizer.Dispose();
        shared.fill_(7);

        Assert.Equal(before, parameters.Select(parameter => (Bits(parameter), parameter.stride())));
        Assert.All(parameters, parameter => Assert.Null(parameter.grad));
        Loss(parameters, 2).backward();
        Assert.All(parameters, parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void Dispose_AfterItsNetworkWasMovedOrDisposed_LeavesTheNetworkAlone()
    {
        var (moved, disposed) = (nn.Linear(2, 3), nn.Linear(2, 3));
        var optimizer = new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, (moved.parameters().Concat(disposed.parameters()), 1, Decay: true));
        optimizer.Step(moved.forward(ones(1, 2)).add(disposed.forward(ones(1, 2))).sum(), 0);
        var weights = moved.weight.to(ScalarType.Float64);
        moved.to(ScalarType.Float64);
        disposed.Dispose();

        optimizer.Dispose();

        Assert.True(moved.weight.equal(weights).all().ToBoolean());
    }

    [Fact]
    public void RestoredMomentum_MakesTheNextStepTheSameToTheBit()
    {
        var (ours, resumed) = (Mixed(ScalarType.Float32), Mixed(ScalarType.Float32));
        using var optimizer = new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, (ours, 1, Decay: true));
        optimizer.Step(Loss(ours, 0), 0);
        optimizer.Step(Loss(ours, 1), 1);
        var momentum = optimizer.Momentum.ToDictionary(entry => entry.Index, entry => entry.Value.clone());
        using var next = new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, (resumed, 1, Decay: true));
        using (no_grad())
        {
            foreach (var (mine, kept) in resumed.Zip(ours))
            {
                mine.copy_(kept);
            }
        }

        next.RestoreMomentum(place => momentum.GetValueOrDefault(place));
        optimizer.Step(Loss(ours, 2), 2);
        next.Step(Loss(resumed, 2), 2);

        Assert.All(ours.Zip(resumed), pair => Assert.Equal(Bits(pair.First), Bits(pair.Second)));
    }

    [Fact]
    public void Optimizer_WeightsOf16Bits_AreRefused()
    {
        var weight = new Parameter(ones(2, ScalarType.BFloat16));

        var exception = Assert.Throws<ArgumentException>(() => new NetworkOptimizer(new(), epochs: 1, stepsPerEpoch: 10, ([weight], 1, Decay: true)));

        Assert.Contains("BFloat16", exception.Message, StringComparison.Ordinal);
    }

    private static Parameter Weight(float value) => new(tensor(value));

    /// <summary>Parameters of several shapes and orders in memory, some no whole number of a processor's vectors long.</summary>
    private static Parameter[] Mixed(ScalarType type)
    {
        using var random = new Generator(3, CPU);
        Tensor[] values = [Random(7), Random(3, 2, 3, 5).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), Random(1, 3), Random(700, 401), Random(5), Random()];
        return [.. values.Select(value => new Parameter(value.detach()))];

        Tensor Random(params long[] shape) => rand(shape, type, CPU, generator: random);
    }

    /// <summary>A loss that reaches one parameter from the third step on, and another one not in the fifth.</summary>
    private static Tensor Loss(Parameter[] parameters, int step)
    {
        var reached = parameters.Where((_, index) => (index != 1 || step >= 2) && (index != 2 || step != 4));
        return reached.Select((parameter, index) => parameter.square().mul(1 + index).sin().sum()).Aggregate((sum, loss) => sum.add(loss));
    }

    private static TorchSharp.Modules.SGD Reference(OptimizerOptions options, Parameter[] parameters) => optim.SGD(
        [
            new TorchSharp.Modules.SGD.ParamGroup(parameters[..3], 1, options.Momentum, weight_decay: options.WeightDecay, nesterov: options.Nesterov),
            new TorchSharp.Modules.SGD.ParamGroup(parameters[3..], 1, options.Momentum, weight_decay: 0, nesterov: options.Nesterov),
        ],
        1,
        options.Momentum,
        nesterov: options.Nesterov);

    private static void Step(TorchSharp.Modules.SGD optimizer, Tensor loss, double rate)
    {
        optimizer.zero_grad();
        loss.backward();
        foreach (var (group, factor) in optimizer.ParamGroups.Zip([1.0, 10.0]))
        {
            group.LearningRate = rate * factor;
        }

        optimizer.step();
    }

    private static string Bits(Tensor tensor) => Convert.ToHexString(SHA256.HashData(tensor.detach().contiguous().bytes));
}
