using Mlps.Torch.Convolutions.Winograd;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions;

/// <summary>
/// A convolution and the BatchNorm behind it, if there is one. They are one convolution with a bias once their weights no longer change, and that one may be done another way.
/// </summary>
/// <remarks>It owns neither: both belong to a module and keep their names there.</remarks>
internal sealed class ConvNorm(Conv2d convolution, BatchNorm2d? norm = null) : IDisposable
{
    private Tensor? _weight;
    private Tensor? _bias;
    private WinogradConvolution? _winograd;

    /// <summary>Whether there are folded weights.</summary>
    public bool IsFolded => _weight is not null;

    private bool IsTraining => (norm ?? (Module)convolution).training;

    private bool IsNormFrozen => norm is { training: false } && !norm.weight!.requires_grad;

    /// <summary>The normalised output: by the folded weights in evaluation mode, where there are any; in one convolution too while a frozen BatchNorm's convolution is trained.</summary>
    public Tensor Forward(Tensor input)
    {
        if (_weight is not null && !IsTraining)
        {
            var byWinograd = _winograd is not null && MixedPrecision.Type is null && _winograd.Pays(input);
            return byWinograd ? _winograd!.Forward(input) : MixedPrecision.Convolve(convolution, input, _weight, _bias);
        }

        return IsNormFrozen && convolution.weight.requires_grad && is_grad_enabled() ? ForwardFrozen(input)
            : norm is null ? MixedPrecision.Run(convolution, input)
            : norm.forward(MixedPrecision.Run(convolution, input));
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
        (_weight, _bias) = (weight.DetachFromDisposeScope(), bias?.DetachFromDisposeScope());
        _winograd = WinogradConvolution.Suits(convolution) ? new WinogradConvolution(_weight, _bias, convolution.dilation[0]) : null;
    }

    /// <summary>Rounds the folded weights to another element type.</summary>
    public void CastFolded(ScalarType type)
    {
        var (weight, bias) = (_weight!.to(type).DetachFromDisposeScope(), _bias?.to(type).DetachFromDisposeScope());
        Dispose();
        (_weight, _bias) = (weight, bias);
    }

    /// <summary>Forgets the folded weights.</summary>
    public void Dispose()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        _winograd?.Dispose();
        (_weight, _bias, _winograd) = (null, null, null);
    }

    private Tensor ForwardFrozen(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = FoldedNow();
        return MixedPrecision.Convolve(convolution, input, weight, bias).MoveToOuterDisposeScope();
    }

    private (Tensor Weight, Tensor? Bias) FoldedNow()
    {
        if (norm is null)
        {
            return (convolution.weight.alias(), convolution.bias?.alias());
        }

        var scale = norm.running_var!.add(norm.eps).rsqrt().mul(norm.weight!);
        return (convolution.weight.mul(scale.view(-1, 1, 1, 1)), norm.bias!.sub(norm.running_mean!.mul(scale)));
    }
}
