using Mlps.Torch.Convolutions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>SGD over groups of parameters, with the learning rate set before every step.</summary>
internal sealed class NetworkOptimizer : IDisposable
{
    private readonly LearningRateSchedule _schedule;
    private readonly SGD _sgd;
    private readonly double[] _factors;
    private readonly Parameter[] _parameters;

    /// <param name="options">Rates and momentum.</param>
    /// <param name="epochs">Epochs of the whole run, which the schedule is laid over.</param>
    /// <param name="stepsPerEpoch">Steps of each.</param>
    /// <param name="groups">Parameters with their factor on the learning rate and whether weight decay applies; frozen ones are left out.</param>
    public NetworkOptimizer(OptimizerOptions options, int epochs, int stepsPerEpoch, params IEnumerable<(IEnumerable<Parameter> Parameters, double Factor, bool Decay)> groups)
    {
        _schedule = new LearningRateSchedule(options, (long)epochs * stepsPerEpoch, stepsPerEpoch);
        var trained = groups
            .Select(group => (Parameters: group.Parameters.Where(parameter => parameter.requires_grad).ToArray(), group.Factor, group.Decay))
            .Where(group => group.Parameters.Length > 0)
            .ToArray();
        _parameters = [.. trained.SelectMany(group => group.Parameters)];
        _factors = [.. trained.Select(group => group.Factor)];
        _sgd = optim.SGD(
            trained.Select(group => new SGD.ParamGroup(group.Parameters, group.Factor * options.LearningRate, options.Momentum, weight_decay: group.Decay ? options.WeightDecay : 0, nesterov: options.Nesterov)),
            options.LearningRate,
            options.Momentum,
            nesterov: options.Nesterov);
    }

    /// <summary>Learning rate of the body at a step (from 0).</summary>
    public double RateAt(long step) => _schedule.RateAt(step);

    /// <summary>Backward pass and one step; gradients are cleared first.</summary>
    public void Step(Tensor loss, long step)
    {
        _sgd.zero_grad();
        BackwardFailure.Forget();
        loss.backward();
        BackwardFailure.Throw();
        var rate = RateAt(step);
        foreach (var (group, factor) in _sgd.ParamGroups.Zip(_factors))
        {
            group.LearningRate = rate * factor;
        }

        _sgd.step();
    }

    /// <summary>The momentum of each parameter that has one, by the parameter's place.</summary>
    public IEnumerable<(int Index, Tensor Value)> Momentum =>
        States.Select((state, index) => (Index: index, Value: state.momentum_buffer)).Where(buffer => buffer.Value is not null);

    /// <summary>The parameters that learn, in their places.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Takes up momentum that was kept.</summary>
    /// <param name="load">The momentum of the parameter in a place, or null for none; it becomes this optimizer's.</param>
    public void RestoreMomentum(Func<int, Tensor?> load)
    {
        foreach (var (state, place, parameter) in States.Select((state, place) => (state, place, _parameters[place])))
        {
            if (load(place) is { } momentum)
            {
                // In the parameter's place, precision and order in memory.
                state.momentum_buffer = zeros_like(parameter).copy_(momentum).DetachFromDisposeScope();
            }
        }
    }

    private IEnumerable<SGD.State> States => _sgd.state_dict().State.Cast<SGD.State>();

    public void Dispose() => _sgd.Dispose();
}
