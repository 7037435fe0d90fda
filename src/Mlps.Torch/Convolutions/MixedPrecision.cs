using Mlps.Torch.Convolutions.Winograd;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions;

/// <summary>
/// Mixed precision: while one is in force on a thread, convolutions compute in its element type and everything behind them goes on in it, whereas weights, BatchNorms' statistics and gradients of weights stay as they are.
/// </summary>
/// <remarks>Only brain floating point is meant: it has the range of 32 bits, so that no loss has to be scaled.</remarks>
internal sealed class MixedPrecision : IDisposable
{
    [ThreadStatic]
    private static MixedPrecision? _current;

    private readonly MixedPrecision? _outer = _current;
    private readonly ScalarType? _type;

    private MixedPrecision(ScalarType? type)
    {
        _type = type;
        _current = this;
    }

    /// <summary>The element type in force on this thread; null for none.</summary>
    public static ScalarType? Type => _current?._type;

    /// <summary>Puts a precision into force on this thread until it is disposed.</summary>
    public static MixedPrecision To(Precision precision) => new(precision is Precision.BFloat16 ? ScalarType.BFloat16 : null);

    /// <summary>A convolution, or a module with none or a sequence of such, in the element type in force.</summary>
    public static Tensor Run(Module<Tensor, Tensor> module, Tensor input) => (Type, module) switch
    {
        (_, Conv2d convolution) => Convolve(convolution, input, convolution.weight, convolution.bias),
        (_, Sequential sequence) => sequence.children().Cast<Module<Tensor, Tensor>>().Aggregate(input, (features, part) => Run(part, features)),
        _ => module.forward(input),
    };

    /// <summary>Modules one after the other, each as <see cref="Run"/> says. What lies between them belongs to the caller's scope.</summary>
    public static Tensor Through(Tensor input, params ReadOnlySpan<Module<Tensor, Tensor>> modules)
    {
        foreach (var module in modules)
        {
            input = Run(module, input);
        }

        return input;
    }

    /// <summary>A convolution with weights of its shape, in the element type in force.</summary>
    public static Tensor Convolve(Conv2d convolution, Tensor input, Tensor weight, Tensor? bias)
    {
        if (Type is { } type)
        {
            (input, weight, bias) = (input.to(type), weight.to(type), bias?.to(type));
        }

        var dilation = convolution.dilation[0];
        return WinogradFunction.Pays(convolution, input, weight) ? WinogradFunction.Convolve(input, weight, bias, dilation)
            : TapwiseConvolution.Pays(convolution, input, weight) ? TapwiseConvolution.Convolve(input, weight, bias, dilation)
            : DirectConvolution.Convolve(convolution, input, weight, bias);
    }

    public void Dispose() => _current = _outer;
}
