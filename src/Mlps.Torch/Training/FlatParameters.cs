using Mlps.Torch.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Parameters whose values lie side by side in one tensor, and so do their gradients and their momentum.</summary>
/// <remarks>
/// They have one element type, are on one device, and share no memory with each other; each keeps its shape and its order in memory. As in PyTorch, a parameter changes only from the first backward pass
/// on that reaches it. Disposing gives each of them memory of its own again.
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    /// <summary>Each parameter starts at a multiple of this many bytes, as a tensor of its own does on a GPU; a CPU needs 64.</summary>
    private const int Alignment = 512;

    private readonly Parameter[] _parameters;
    private readonly Place[] _places;
    private readonly bool[] _learns;
    private RoundedParameters? _rounded;
    private FlatBlock[]? _blocks;
    private int _waiting;

    /// <param name="parameters">At least one; they belong to the caller and are views of <see cref="Weights"/> until this object is disposed.</param>
    /// <param name="withMomentum">Whether they have a momentum.</param>
    public FlatParameters(IEnumerable<Parameter> parameters, bool withMomentum)
    {
        using var state = ComputeScope.ForWeights();
        _parameters = [.. parameters];
        (_places, var length) = Lay(_parameters);
        (_learns, _waiting) = (new bool[_parameters.Length], _parameters.Length);
        Weights = Zeros();
        Gradients = Zeros();
        Momentum = withMomentum ? Zeros() : null;
        for (var index = 0; index < _parameters.Length; index++)
        {
            _parameters[index].set_(View(Weights, index).copy_(_parameters[index]));
        }

        Weights.DetachFromDisposeScope();
        Gradients.DetachFromDisposeScope();
        Momentum?.DetachFromDisposeScope();

        Tensor Zeros() => zeros(length, _parameters[0].dtype, _parameters[0].device);
    }

    /// <summary>The parameters, in their order in the tensors.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The values of all parameters [n], with zeros between them.</summary>
    public Tensor Weights { get; }

    /// <summary>Their gradients in the same order [n]; zero for those that no backward pass has reached.</summary>
    public Tensor Gradients { get; }

    /// <summary>Their momentum in the same order [n]; null without.</summary>
    public Tensor? Momentum { get; }

    /// <summary>What a step changes: the parts of the tensors where parameters learn.</summary>
    public IReadOnlyList<FlatBlock> Blocks => _blocks ??= [.. LayBlocks()];

    /// <summary>Whether a backward pass has reached a parameter, or momentum was restored for it.</summary>
    public bool Learns(int index) => _learns[index];

    /// <summary>A parameter's part of a tensor that is laid out like <see cref="Weights"/>, with its shape and order.</summary>
    public Tensor View(Tensor flat, int index) => flat.as_strided(_places[index].Shape, _places[index].Strides, _places[index].Offset);

    /// <summary>Rounds the weights of convolutions as they are now: a forward pass may compute with the results, whose gradients count as the parameters' own.</summary>
    /// <returns>By the parameter; of this object.</returns>
    public IReadOnlyDictionary<Tensor, Tensor> Round()
    {
        _rounded ??= new RoundedParameters(this);
        return _rounded.Round();
    }

    /// <summary>Sets the gradients to zero, before a backward pass adds to them.</summary>
    public void ClearGradients()
    {
        _rounded?.ClearGradients();

        // Not zero_, which makes an object for its result.
        Gradients.fill_(0);
        for (var index = 0; _waiting > 0 && index < _parameters.Length; index++)
        {
            if (!_learns[index])
            {
                _parameters[index].grad = null;
            }
        }
    }

    /// <summary>Takes in, after a backward pass, the gradients of parameters that it was the first to reach, and those of rounded weights.</summary>
    public void TakeInGradients()
    {
        if (_waiting == 0 && _rounded is null)
        {
            return;
        }

        using var state = ComputeScope.ForWeights();
        for (var index = 0; _waiting > 0 && index < _parameters.Length; index++)
        {
            if (_learns[index])
            {
                continue;
            }

            var ofParameter = _parameters[index].grad;
            if (ofParameter is not null || _rounded?.IsReached(index) == true)
            {
                var gradient = StartLearning(index);
                if (ofParameter is not null)
                {
                    gradient.copy_(ofParameter);
                }
            }
        }

        _rounded?.AddGradients();
    }

    /// <summary>Takes up a parameter's momentum, which was kept in a file.</summary>
    /// <exception cref="InvalidOperationException">These parameters have no momentum.</exception>
    public void RestoreMomentum(int index, Tensor momentum)
    {
        using var state = ComputeScope.ForWeights();
        View(Momentum ?? throw new InvalidOperationException("Momentum cannot be restored without momentum."), index).copy_(momentum);
        if (!_learns[index])
        {
            StartLearning(index);
        }
    }

    /// <summary>Frees gradients and momentum, and gives each parameter that still exists memory of its own.</summary>
    public void Dispose()
    {
        using var state = ComputeScope.ForWeights();
        Parameter[] existing = [.. _parameters.Where(parameter => !parameter.IsInvalid)];
        foreach (var parameter in existing)
        {
            parameter.grad = null;
        }

        DisposeBlocks();
        _rounded?.Dispose();
        Gradients.Dispose();
        Momentum?.Dispose();
        foreach (var parameter in existing)
        {
            using var own = parameter.detach().clone();
            parameter.set_(own);
        }

        Weights.Dispose();
    }

    /// <summary>From now on, backward passes add to a parameter's part of <see cref="Gradients"/>, which is returned.</summary>
    private Tensor StartLearning(int index)
    {
        var gradient = View(Gradients, index);
        _parameters[index].grad = gradient;
        _learns[index] = true;
        _waiting--;
        DisposeBlocks();
        return gradient;
    }

    /// <summary>The runs of parameters that learn.</summary>
    private IEnumerable<FlatBlock> LayBlocks()
    {
        for (var first = 0; first < _parameters.Length; first++)
        {
            if (!_learns[first])
            {
                continue;
            }

            var start = _places[first].Offset;
            while (first + 1 < _parameters.Length && _learns[first + 1])
            {
                first++;
            }

            yield return FlatBlock.Of(this, start, _places[first].End - start);
        }
    }

    private void DisposeBlocks()
    {
        foreach (var block in _blocks ?? [])
        {
            block.Dispose();
        }

        _blocks = null;
    }

    /// <summary>Where each parameter lies, and how long the tensor of all is.</summary>
    private static (Place[] Places, long Length) Lay(Parameter[] parameters)
    {
        var places = new Place[parameters.Length];
        var step = Alignment / parameters[0].element_size();
        var offset = 0L;
        for (var index = 0; index < parameters.Length; index++)
        {
            var parameter = parameters[index];
            var end = offset + ((parameter.numel() + step - 1) / step * step);
            places[index] = new(offset, end, parameter.shape, StridesOf(parameter));
            offset = end;
        }

        return (places, offset);
    }

    /// <summary>A parameter's strides, or where it lies with gaps those of a copy.</summary>
    private static long[] StridesOf(Parameter parameter)
    {
        var (shape, strides) = (parameter.shape, parameter.stride());
        var expected = 1L;
        foreach (var (size, stride) in shape.Zip(strides).Where(dimension => dimension.First != 1).OrderBy(dimension => dimension.Second))
        {
            if (stride != expected)
            {
                return parameter.detach().clone().stride();
            }

            expected *= size;
        }

        return strides;
    }

    /// <summary>Where a parameter lies.</summary>
    /// <param name="Offset">Its first element.</param>
    /// <param name="End">Where the next one starts, so that the zeros before it are computed with too: libtorch rounds what is left over from whole vectors in another way.</param>
    /// <param name="Shape">Its shape.</param>
    /// <param name="Strides">Its order in memory.</param>
    private sealed record Place(long Offset, long End, long[] Shape, long[] Strides);
}
