using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>A copy of a network's weights at its best score so far.</summary>
internal sealed class BestWeights : IDisposable
{
    private Dictionary<string, Tensor>? _weights;

    /// <summary>The kept weights by name; none before the first score.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights ?? new();

    /// <summary>The best score so far; negative infinity before the first.</summary>
    public double Score { get; private set; } = double.NegativeInfinity;

    /// <summary>Keeps the network's weights when the score is the best so far.</summary>
    public bool Offer(nn.Module network, double score)
    {
        if (_weights is not null && !(score > Score))
        {
            return false;
        }

        // A score that is no number must not stand for ever as the best.
        Score = double.IsNaN(score) ? double.NegativeInfinity : score;
        using var state = ComputeScope.ForWeights();
        Dispose();
        _weights = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
        return true;
    }

    /// <summary>Takes up weights that were kept in a file.</summary>
    public void Restore(double score, Dictionary<string, Tensor> weights)
    {
        Dispose();
        Score = score;
        _weights = weights.ToDictionary(weight => weight.Key, weight => weight.Value.DetachFromDisposeScope());
    }

    /// <summary>Puts the kept weights back into the network.</summary>
    public void Restore(nn.Module network)
    {
        if (_weights is null)
        {
            return;
        }

        using var state = ComputeScope.ForWeights();
        foreach (var (name, tensor) in network.state_dict())
        {
            tensor.copy_(_weights[name]);
        }
    }

    public void Dispose()
    {
        if (_weights is null)
        {
            return;
        }

        foreach (var tensor in _weights.Values)
        {
            tensor.Dispose();
        }

        _weights = null;
    }
}
