using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Sizes and shapes of stored elements, with overflow caught.</summary>
internal static class ElementTypes
{
    /// <summary>libtorch's own limit on the number of dimensions of most of its kernels.</summary>
    public const int MaxDimensions = 64;

    private const int MaxElementBytes = 16;

    public static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type that weight files can hold."),
    };

    public static bool IsFloating(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    public static bool IsInteger(ScalarType type) =>
        type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64;

    /// <summary>Product of non-negative sizes.</summary>
    /// <exception cref="OverflowException">The product, of the sizes other than 0, does not fit 64 bits even as bytes.</exception>
    public static long CountElements(ReadOnlySpan<long> shape)
    {
        // libtorch multiplies before it notices a 0, so [0, huge, huge] has to fit as well.
        long count = 1;
        foreach (var size in shape)
        {
            count = checked(count * Math.Max(size, 1));
        }

        _ = checked(count * MaxElementBytes);
        return shape.Contains(0) ? 0 : count;
    }

    /// <summary>Strides, in elements, of a dense row-major tensor.</summary>
    public static long[] ContiguousStrides(ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride = checked(stride * Math.Max(shape[i], 1));
        }

        return strides;
    }

    public static string FormatShape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
