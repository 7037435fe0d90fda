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

    /// <summary>The normalised output: by the folded weights in evaluation mode, where there are any; in one convolution too while a frozen BatchNorm's convolution is trained.</summary>
    public Tensor Forward(Tensor input)
    {
        if (_weight is not null && !norm.training)
        {
            return Convolve(input, _weight, _bias!);
        }

        return IsFrozen && convolution.weight.requires_grad && is_grad_enabled() ? ForwardFrozen(input) : norm.forward(convolution.forward(input));
    }

    /// <summary>The same and a ReLU, in place: neither convolution nor BatchNorm needs its output again, to learn from.</summary>
    public Tensor ForwardReLU(Tensor input) => functional.relu(Forward(input), inplace: true);

    /// <summary>Folds the weights as they are now; call it again when they change.</summary>
    public void Fold()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Dispose();
        var (weight, bias) = FoldedNow();
        (_weight, _bias) = (weight.DetachFromDisposeScope(), bias.DetachFromDisposeScope());
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

    private bool IsFrozen => !norm.training && !norm.weight!.requires_grad;

    private Tensor ForwardFrozen(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = FoldedNow();
        return Convolve(input, weight, bias).MoveToOuterDisposeScope();
    }

    private (Tensor Weight, Tensor Bias) FoldedNow()
    {
        var scale = norm.running_var!.add(norm.eps).rsqrt().mul(norm.weight!);
        return (convolution.weight.mul(scale.view(-1, 1, 1, 1)), norm.bias!.sub(norm.running_mean!.mul(scale)));
    }

    private Tensor Convolve(Tensor input, Tensor weight, Tensor bias) =>
        functional.conv2d(input, weight, bias, convolution.stride, convolution.padding, convolution.dilation, convolution.groups);
}
