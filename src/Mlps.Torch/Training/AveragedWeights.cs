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

    /// <param name="network">Where the average starts from; belongs to the caller.</param>
    /// <param name="decay">The share of the average that a step keeps, in (0, 1).</param>
    public AveragedWeights(nn.Module network, double decay)
    {
        (_network, _decay) = (network, decay);
        using var state = ComputeScope.ForWeights();
        Weights = Copy(network);
    }

    /// <summary>The average by name; of the network's types, on its device.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Takes in the network's weights after a step (from 0).</summary>
    public void Update(long step)
    {
        using var state = ComputeScope.ForWeights();
        var decay = Math.Min(_decay, (1.0 + step) / (10.0 + step));
        foreach (var (name, weight) in _network.state_dict())
        {
            var average = Weights[name];
            if (average.is_floating_point())
            {
                // By the difference, so that weights which do not change stay the same to the bit.
                using var difference = weight.sub(average);
                average.add_(difference, 1 - decay);
            }
            else
            {
                average.copy_(weight);
            }
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

    public void Dispose() => Dispose(Weights);

    private static void Dispose(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var tensor in weights.Values)
        {
            tensor.Dispose();
        }
    }

    private static Dictionary<string, Tensor> Copy(nn.Module network) =>
        network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());

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
