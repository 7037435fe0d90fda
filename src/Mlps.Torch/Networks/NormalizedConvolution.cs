using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>A convolution and the BatchNorm behind it, which are one convolution with a bias once their weights no longer change.</summary>
/// <remarks>It owns neither: both belong to a module and keep their names there.</remarks>
internal sealed class NormalizedConvolution(Conv2d convolution, BatchNorm2d norm) : IDisposable
{
    private Tensor? _weight;
    private Tensor? _bias;

    /// <summary>The normalised output; by the folded weights in evaluation mode, where there are any.</summary>
    public Tensor Forward(Tensor input) => _weight is null || norm.training
        ? norm.forward(convolution.forward(input))
        : functional.conv2d(input, _weight, _bias, convolution.stride, convolution.padding, convolution.dilation, convolution.groups);

    /// <summary>The same and a ReLU.</summary>
    public Tensor ForwardReLU(Tensor input) => functional.relu(Forward(input), inplace: _weight is not null && !norm.training);

    /// <summary>Folds the weights as they are now; call it again when they change.</summary>
    public void Fold()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Dispose();
        var scale = norm.running_var!.add(norm.eps).rsqrt().mul(norm.weight!);
        _weight = convolution.weight.mul(scale.view(-1, 1, 1, 1)).DetachFromDisposeScope();
        _bias = norm.bias!.sub(norm.running_mean!.mul(scale)).DetachFromDisposeScope();
    }

    /// <summary>Rounds the folded weights to another element type.</summary>
    public void CastFolded(ScalarType type)
    {
        var (weight, bias) = (_weight!.to(type).DetachFromDisposeScope(), _bias!.to(type).DetachFromDisposeScope());
        Dispose();
        (_weight, _bias) = (weight, bias);
    }

    /// <summary>Forgets the folded weights.</summary>
    public void Dispose()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        (_weight, _bias) = (null, null);
    }
}
