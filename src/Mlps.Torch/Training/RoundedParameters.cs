using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>The weights of convolutions among <see cref="FlatParameters"/>, rounded to 16 bits together.</summary>
/// <remarks>Each is a leaf of autograd, whose gradients are added to those of the parameters together: by two calls a step, and not by four for each convolution.</remarks>
internal sealed class RoundedParameters : IDisposable
{
    private const int DimensionsOfConvolutions = 4;

    private readonly FlatParameters _flat;
    private readonly Tensor _weights;
    private readonly Tensor _gradients;
    private readonly Dictionary<int, Tensor> _leaves = [];
    private readonly Dictionary<Tensor, Tensor> _byParameter = new(ReferenceEqualityComparer.Instance);
    private readonly List<int> _waiting = [];

    public RoundedParameters(FlatParameters flat)
    {
        using var state = ComputeScope.ForWeights();
        _flat = flat;
        _weights = zeros_like(flat.Weights, ScalarType.BFloat16).DetachFromDisposeScope();
        _gradients = zeros_like(_weights).DetachFromDisposeScope();
        for (var index = 0; index < flat.Parameters.Count; index++)
        {
            if (flat.Parameters[index].dim() == DimensionsOfConvolutions)
            {
                // Of the same memory, but no view to autograd: rounding anew does not count as changing it.
                var leaf = empty(0, _weights.dtype, _weights.device).set_(flat.View(_weights, index)).DetachFromDisposeScope();
                leaf.requires_grad = true;
                _leaves.Add(index, leaf);
                _byParameter.Add(flat.Parameters[index], leaf);
                _waiting.Add(index);
            }
        }
    }

    /// <summary>Rounds the weights as they are now.</summary>
    /// <returns>The rounded weights by the parameter.</returns>
    public IReadOnlyDictionary<Tensor, Tensor> Round()
    {
        _weights.copy_(_flat.Weights);
        return _byParameter;
    }

    /// <summary>Sets the gradients to zero, before a backward pass adds to them.</summary>
    public void ClearGradients()
    {
        _gradients.fill_(0);
        foreach (var index in _waiting)
        {
            _leaves[index].grad = null;
        }
    }

    /// <summary>Whether a backward pass has reached a parameter by its rounded weights.</summary>
    public bool IsReached(int index)
    {
        if (!_leaves.TryGetValue(index, out var leaf))
        {
            return false;
        }

        using var gradient = leaf.grad;
        return gradient is not null;
    }

    /// <summary>Adds the gradients of a backward pass to those of the parameters.</summary>
    public void AddGradients()
    {
        for (var place = _waiting.Count - 1; place >= 0; place--)
        {
            var leaf = _leaves[_waiting[place]];
            if (leaf.grad is { } gradient)
            {
                // From now on, backward passes add to this part.
                leaf.grad = _flat.View(_gradients, _waiting[place]).copy_(gradient);
                _waiting.RemoveAt(place);
            }
        }

        _flat.Gradients.add_(_gradients);
    }

    public void Dispose()
    {
        foreach (var leaf in _leaves.Values)
        {
            leaf.Dispose();
        }

        _weights.Dispose();
        _gradients.Dispose();
    }
}
