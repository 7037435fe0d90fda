using Mlps.Torch.Convolutions.Winograd;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions;

/// <summary>A convolution and the BatchNorm after it, if any; convolves with the learning weights or with both folded into one convolution.</summary>
/// <remarks>The modules belong to a network and keep their names there; this object owns only the folded weights.</remarks>
internal sealed class ConvNorm(Conv2d convolution, BatchNorm2d? norm = null) : IDisposable
{
    private ConvolutionShape _shape = ConvolutionShape.Read(convolution);
    private Tensor? _weight;
    private Tensor? _bias;
    private WinogradConvolution? _winograd;

    /// <summary>How it convolves.</summary>
    public ConvolutionShape Shape => _shape;

    /// <summary>Whether there are folded weights.</summary>
    public bool IsFolded => _weight is not null;

    private bool IsTraining => (norm ?? (Module)convolution).training;

    private bool IsNormFrozen => norm is { training: false } && !norm.weight!.requires_grad;

    /// <summary>The normalised output.</summary>
    /// <remarks>In evaluation mode it uses the folded weights, if there are any; a frozen BatchNorm is folded in each step.</remarks>
    public Tensor Forward(Tensor input)
    {
        if (_weight is not null && !IsTraining)
        {
            return ConvolutionChooser.Convolve(_shape, input, _weight, _bias, _winograd);
        }

        if (IsNormFrozen && convolution.weight.requires_grad && is_grad_enabled())
        {
            return ForwardFrozen(input);
        }

        var output = ConvolutionChooser.Convolve(_shape, input, convolution.weight, convolution.bias);
        return norm is null ? output : norm.Normalize(output);
    }

    /// <summary>The same and a ReLU, in place: neither convolution nor BatchNorm needs its output again to learn.</summary>
    public Tensor ForwardReLU(Tensor input) => functional.relu(Forward(input), inplace: true);

    /// <summary>The same and a ReLU that ends at 6, in place.</summary>
    public Tensor ForwardReLU6(Tensor input) => functional.relu6(Forward(input), inplace: true);

    /// <summary>Convolves with the same weights at other places; what was folded is forgotten.</summary>
    public void Place(long stride, long padding, long dilation)
    {
        Dispose();
        _shape = _shape with { Stride = [stride, stride], Padding = [padding, padding], Dilation = [dilation, dilation] };
    }

    /// <summary>Folds the weights as they are now; call it again when they change.</summary>
    public void Fold()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Dispose();
        var (weight, bias) = FoldedNow();
        (_weight, _bias) = (weight.DetachFromDisposeScope(), bias?.DetachFromDisposeScope());
        _winograd = ConvolutionChooser.SuitsWinograd(_shape, _weight) ? new WinogradConvolution(_weight, _bias, _shape.Dilation[0]) : null;
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

    /// <summary>Weight and bias of the one convolution that does the work of both, as they are now.</summary>
    public (Tensor Weight, Tensor? Bias) FoldedNow()
    {
        if (norm is null)
        {
            return (convolution.weight.alias(), convolution.bias?.alias());
        }

        var scale = norm.running_var!.add(norm.eps).rsqrt().mul(norm.weight!);
        return (convolution.weight.mul(scale.view(-1, 1, 1, 1)), norm.bias!.sub(norm.running_mean!.mul(scale)));
    }

    private Tensor ForwardFrozen(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = FoldedNow();
        return ConvolutionChooser.Convolve(_shape, input, weight, bias).MoveToOuterDisposeScope();
    }
}
