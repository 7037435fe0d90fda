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
    private readonly IReadOnlyDictionary<Tensor, Tensor>? _rounded;

    private MixedPrecision(ScalarType? type, IReadOnlyDictionary<Tensor, Tensor>? rounded)
    {
        (_type, _rounded) = (type, rounded);
        _current = this;
    }

    /// <summary>The element type in force on this thread; null for none.</summary>
    public static ScalarType? Type => _current?._type;

    /// <summary>Puts a precision into force on this thread until it is disposed.</summary>
    /// <param name="precision">The precision.</param>
    /// <param name="rounded">Weights that are already rounded to it, by the weight; they are used in its place and get its gradients. Null where there are none.</param>
    public static MixedPrecision To(Precision precision, IReadOnlyDictionary<Tensor, Tensor>? rounded = null) =>
        new(precision is Precision.BFloat16 ? ScalarType.BFloat16 : null, rounded);

    /// <summary>A weight in the element type in force.</summary>
    public static Tensor Round(Tensor weight, ScalarType type) => _current?._rounded is { } rounded && rounded.TryGetValue(weight, out var copy) ? copy : weight.to(type);

    public void Dispose() => _current = _outer;
}
