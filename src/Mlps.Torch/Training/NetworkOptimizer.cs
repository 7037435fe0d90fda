using Mlps.Torch.Convolutions;
using Mlps.Torch.Ranks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>SGD over groups of parameters, with the learning rate set before every step.</summary>
/// <remarks>
/// PyTorch's rule in its order of operations. The parameters of a group lie in one tensor, so that a step is a few native calls however many parameters there are. Until this object is disposed, they and their
/// gradients are views, and belong to it.
/// </remarks>
internal sealed class NetworkOptimizer : IDisposable
{
    private readonly LearningRateSchedule _schedule;
    private readonly bool _nesterov;
    private readonly double _momentum;
    private readonly Group[] _groups;
    private readonly (FlatParameters Flat, int Index)[] _places;
    private Dictionary<Tensor, Tensor>? _rounded;

    /// <param name="options">Rates and momentum.</param>
    /// <param name="epochs">Epochs of the whole run, which the schedule is laid over.</param>
    /// <param name="stepsPerEpoch">Steps of each.</param>
    /// <param name="groups">Parameters with their factor on the learning rate and whether weight decay applies; frozen ones are left out.</param>
    /// <exception cref="ArgumentException">A parameter is given twice, or has neither 32 nor 64 bits.</exception>
    public NetworkOptimizer(OptimizerOptions options, int epochs, int stepsPerEpoch, params IEnumerable<(IEnumerable<Parameter> Parameters, double Factor, bool Decay)> groups)
    {
        _schedule = new LearningRateSchedule(options, (long)epochs * stepsPerEpoch, stepsPerEpoch);
        _nesterov = options.Nesterov;
        var trained = groups.Select(group => (Parameters: group.Parameters.Where(parameter => parameter.requires_grad).ToArray(), group.Factor, group.Decay)).ToArray();
        Parameters = [.. trained.SelectMany(group => group.Parameters)];
        if (Parameters.DistinctBy(parameter => parameter.Handle).Count() < Parameters.Count)
        {
            throw new ArgumentException("A parameter is given to the optimizer twice; each can learn at one rate only.", nameof(groups));
        }

        if (Parameters.FirstOrDefault(parameter => parameter.dtype is not (ScalarType.Float32 or ScalarType.Float64)) is { } unfit)
        {
            throw new ArgumentException($"A parameter is {unfit.dtype}; weights are changed in 32 or 64 bits (Float32, Float64).", nameof(groups));
        }

        _groups =
        [
            .. from @group in trained
               from alike in @group.Parameters.GroupBy(parameter => (parameter.dtype, parameter.device.ToString()))
               select new Group(new FlatParameters(alike, options.Momentum > 0), @group.Factor, @group.Decay ? options.WeightDecay : 0),
        ];
        Flats = [.. _groups.Select(group => group.Flat)];
        Gradients = [.. Flats.Select(flat => flat.Gradients)];
        var places = Flats.SelectMany(flat => flat.Parameters.Select((parameter, index) => (parameter.Handle, Place: (flat, index)))).ToDictionary(entry => entry.Handle, entry => entry.Place);
        _places = [.. Parameters.Select(parameter => places[parameter.Handle])];
        _momentum = options.Momentum;
    }

    /// <summary>The parameters that learn, in their places.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The memory of the parameters: one for each group, type and device.</summary>
    public IReadOnlyList<FlatParameters> Flats { get; }

    /// <summary>All gradients between <see cref="Backward"/> and <see cref="Apply"/>: a tensor [n] for each of <see cref="Flats"/>.</summary>
    public IReadOnlyList<Tensor> Gradients { get; }

    /// <summary>Those with whom the batches are shared: gradients are summed over them. Null for none.</summary>
    public RankGroup? Ranks { get; set; }

    /// <summary>Whether parameters have a momentum.</summary>
    public bool HasMomentum => Flats.Any(flat => flat.Momentum is not null);

    /// <summary>The momentum of each parameter that has one, by the parameter's place; views in the caller's dispose scope.</summary>
    public IEnumerable<(int Index, Tensor Value)> Momentum
    {
        get
        {
            for (var place = 0; place < _places.Length; place++)
            {
                var (flat, index) = _places[place];
                if (flat.Momentum is not null && flat.Learns(index))
                {
                    yield return (place, flat.View(flat.Momentum, index));
                }
            }
        }
    }

    /// <summary>Learning rate of the body at a step (from 0).</summary>
    public double RateAt(long step) => _schedule.RateAt(step);

    /// <summary>The precision that a forward pass computes in, until it is disposed; weights of convolutions are rounded here, all together.</summary>
    public MixedPrecision Use(Precision precision)
    {
        if (precision is not Precision.BFloat16)
        {
            return MixedPrecision.To(precision);
        }

        IReadOnlyDictionary<Tensor, Tensor>[] rounded = [.. Flats.Select(flat => flat.Round())];
        _rounded ??= new(rounded.SelectMany(weights => weights), ReferenceEqualityComparer.Instance);
        return MixedPrecision.To(precision, _rounded);
    }

    /// <summary>Backward pass and one step; gradients are cleared first.</summary>
    public void Step(Tensor loss, long step)
    {
        Backward(loss);
        Apply(step);
    }

    /// <summary>Computes the gradients of a loss, summed over the ranks; earlier ones are cleared first.</summary>
    public void Backward(Tensor loss)
    {
        foreach (var flat in Flats)
        {
            flat.ClearGradients();
        }

        BackwardFailure.OfThisThread.Forget();
        loss.backward();
        BackwardFailure.OfThisThread.Throw();
        foreach (var flat in Flats)
        {
            flat.TakeInGradients();
            Ranks?.Sum(flat.Gradients);
        }
    }

    /// <summary>Changes the parameters by their gradients, which are used up.</summary>
    public void Apply(long step)
    {
        foreach (var group in _groups)
        {
            var blocks = group.Flat.Blocks;
            if (blocks.Count > 0)
            {
                FusedSgd.Step(
                    [.. blocks.Select(block => block.Weights)],
                    [.. blocks.Select(block => block.Gradients)],
                    [.. blocks.Select(block => block.Momentum).OfType<Tensor>()],
                    group.Decay,
                    _momentum,
                    RateAt(step) * group.Factor,
                    _nesterov);
            }
        }
    }

    /// <summary>Takes up momentum that was kept.</summary>
    /// <param name="load">The momentum of the parameter in a place, or null for none; it is copied.</param>
    public void RestoreMomentum(Func<int, Tensor?> load)
    {
        for (var place = 0; place < _places.Length; place++)
        {
            if (load(place) is { } momentum)
            {
                _places[place].Flat.RestoreMomentum(_places[place].Index, momentum);
            }
        }
    }

    public void Dispose()
    {
        foreach (var flat in Flats)
        {
            flat.Dispose();
        }
    }

    private sealed record Group(FlatParameters Flat, double Factor, double Decay);
}
