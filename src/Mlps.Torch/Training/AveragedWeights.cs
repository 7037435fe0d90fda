using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>An exponential moving average of a network's weights and statistics over the steps of a training.</summary>
/// <remarks>
/// BatchNorm's statistics are averaged like the weights: those of the last steps belong to the last weights, and the averaged weights give other features. Whole numbers, such as the count of batches, are
/// taken as they are.
/// </remarks>
internal sealed class AveragedWeights : IDisposable
{
    private readonly nn.Module _network;
    private readonly double _decay;
    private readonly Tensor[] _flatAverages;
    private readonly (Tensor Weight, Tensor Average, ScalarType Type)[] _averaged;
    private readonly (Tensor Count, Tensor Latest)[] _counts;

    /// <param name="network">Where the average starts from; belongs to the caller.</param>
    /// <param name="decay">The share of the average that a step keeps, in (0, 1).</param>
    /// <param name="flats">Those of its parameters that lie side by side: they are averaged together. They are disposed after this object.</param>
    public AveragedWeights(nn.Module network, double decay, params IReadOnlyList<FlatParameters> flats)
    {
        (_network, _decay) = (network, decay);
        using var state = ComputeScope.ForWeights();
        _flatAverages = [.. flats.Select(flat => Copy(flat.Weights))];
        var parts = new Dictionary<IntPtr, Tensor>();
        foreach (var (flat, average) in flats.Zip(_flatAverages))
        {
            for (var index = 0; index < flat.Parameters.Count; index++)
            {
                parts.Add(flat.Parameters[index].Handle, flat.View(average, index).DetachFromDisposeScope());
            }
        }

        var weights = network.state_dict();
        Weights = weights.ToDictionary(entry => entry.Key, entry => parts.GetValueOrDefault(entry.Value.Handle) ?? Copy(entry.Value));
        var others = weights.Where(entry => !parts.ContainsKey(entry.Value.Handle)).Select(entry => (Weight: entry.Value, Average: Weights[entry.Key])).ToLookup(pair => pair.Weight.is_floating_point());
        (Tensor Weight, Tensor Average)[] averaged = [.. flats.Select(flat => flat.Weights).Zip(_flatAverages), .. others[true]];
        _averaged = [.. averaged.Select(pair => (pair.Weight, pair.Average, pair.Weight.dtype))];
        _counts = [.. others[false]];
    }

    /// <summary>The average by name; of the network's types, on its device.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Takes in the network's weights after a step (from 0).</summary>
    public void Update(long step)
    {
        using var state = ComputeScope.ForWeights();
        var decay = Math.Min(_decay, (1.0 + step) / (10.0 + step));
        var shares = new Dictionary<ScalarType, Tensor>();
        foreach (var (weight, average, type) in _averaged)
        {
            if (!shares.TryGetValue(type, out var share))
            {
                shares.Add(type, share = full([], 1 - decay, type, average.device));
            }

            // By the difference, so that weights which do not change stay the same to the bit.
            average.lerp_(weight, share);
        }

        foreach (var (count, latest) in _counts)
        {
            latest.copy_(count);
        }
    }

    /// <summary>Puts the average into the network.</summary>
    public void Put()
    {
        using var state = ComputeScope.ForWeights();
        Put(Weights);
    }

    /// <summary>Puts the average into the network until the result is disposed, which puts the weights back that it learns with.</summary>
    public IDisposable PutForAWhile()
    {
        using var state = ComputeScope.ForWeights();
        var learning = Copy(_network);
        Put(Weights);
        return new Return(this, learning);
    }

    public void Dispose()
    {
        Dispose(Weights);
        foreach (var average in _flatAverages)
        {
            average.Dispose();
        }
    }

    private static void Dispose(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var tensor in weights.Values)
        {
            tensor.Dispose();
        }
    }

    private static Dictionary<string, Tensor> Copy(nn.Module network) => network.state_dict().ToDictionary(entry => entry.Key, entry => Copy(entry.Value));

    private static Tensor Copy(Tensor weight) => weight.detach().clone().DetachFromDisposeScope();

    private void Put(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var (name, tensor) in _network.state_dict())
        {
            tensor.copy_(weights[name]);
        }
    }

    private sealed class Return(AveragedWeights average, Dictionary<string, Tensor> learning) : IDisposable
    {
        public void Dispose()
        {
            using var state = ComputeScope.ForWeights();
            average.Put(learning);
            AveragedWeights.Dispose(learning);
        }
    }
}
