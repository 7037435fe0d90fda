using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>Mixed precision on one thread: convolutions compute in bfloat16; weights, BatchNorm statistics and gradients of weights stay in float32.</summary>
/// <remarks>Only bfloat16 is offered: it has the range of float32, so that losses need no scaling.</remarks>
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

    public void Dispose() => _current = _outer;
}
