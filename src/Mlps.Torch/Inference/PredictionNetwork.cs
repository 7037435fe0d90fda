using Mlps.Torch.Convolutions;
using Mlps.Torch.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>A trained network in evaluation mode, and a copy in another precision once one is requested.</summary>
/// <param name="network">Belongs to this object.</param>
/// <param name="create">Makes a network of the same architecture.</param>
/// <param name="device">Where both are.</param>
internal sealed class PredictionNetwork<T>(T network, Func<T> create, Device device) : IDisposable
    where T : nn.Module<Tensor, Tensor>
{
    private readonly Lock _copying = new();
    private T? _copy;
    private long[]? _lastShape;

    /// <summary>The network as it was trained.</summary>
    public T Trained => network;

    /// <summary>The network in a precision.</summary>
    /// <remarks>It belongs to this object.</remarks>
    public T In(Precision precision)
    {
        if (precision is not Precision.BFloat16)
        {
            return network;
        }

        lock (_copying)
        {
            return _copy ??= Copy();
        }
    }

    /// <summary>Runs the network on images [N, 3, H, W]; the result has their element type.</summary>
    public Tensor Forward(Tensor images, Precision precision)
    {
        using var rounding = FactorRounding.On(device, precision);
        using var search = Repeats(images) ? ConvolutionSearch.On(device) : null;
        return DeviceMemory.Within(device, images, () => precision is Precision.BFloat16 ? In(precision).forward(images.to(ScalarType.BFloat16)).to(images.dtype) : network.forward(images));
    }

    /// <summary>Whether the last images had the same shape, so that searching for the fastest convolutions pays.</summary>
    public bool Repeats(Tensor images)
    {
        var shape = images.shape;
        return Interlocked.Exchange(ref _lastShape, shape) is { } last && last.AsSpan().SequenceEqual(shape);
    }

    /// <summary>Folds the weights as they are now.</summary>
    public void Fold()
    {
        using var state = ComputeScope.ForWeights();
        network.Fold();
        lock (_copying)
        {
            _copy?.Dispose();
            _copy = null;
        }
    }

    public void Dispose()
    {
        network.Dispose();
        _copy?.Dispose();
    }

    private T Copy()
    {
        // Outside any scope of the caller: the copy stays.
        using var state = ComputeScope.ForWeights();
        var copy = create();
        copy.to(device);
        copy.load_state_dict(network.state_dict());
        if (device.type is DeviceType.CUDA)
        {
            ChannelsLast.LayWeights(copy);
        }

        copy.eval();
        foreach (var parameter in copy.parameters())
        {
            parameter.requires_grad = false;
        }

        // Folded before it is rounded, so that scale and weight are rounded once.
        copy.Fold();
        copy.to(ScalarType.BFloat16);
        copy.CastFolded(ScalarType.BFloat16);
        return copy;
    }
}
