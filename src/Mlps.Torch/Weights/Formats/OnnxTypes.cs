using Mlps.Torch.Weights.Onnx;
using static TorchSharp.torch;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Torch.Weights.Formats;

/// <summary>The element types that ONNX and TorchSharp share, and the fields that hold their values beside <c>raw_data</c>.</summary>
internal static class OnnxTypes
{
    private static readonly (DataType Type, ScalarType Scalar, int Field, string FieldName)[] Known =
    [
        (DataType.Float, ScalarType.Float32, TensorProto.FloatDataFieldNumber, "float_data"),
        (DataType.Double, ScalarType.Float64, TensorProto.DoubleDataFieldNumber, "double_data"),
        (DataType.Float16, ScalarType.Float16, TensorProto.Int32DataFieldNumber, "int32_data"),
        (DataType.Bfloat16, ScalarType.BFloat16, TensorProto.Int32DataFieldNumber, "int32_data"),
        (DataType.Int64, ScalarType.Int64, TensorProto.Int64DataFieldNumber, "int64_data"),
        (DataType.Int32, ScalarType.Int32, TensorProto.Int32DataFieldNumber, "int32_data"),
        (DataType.Int16, ScalarType.Int16, TensorProto.Int32DataFieldNumber, "int32_data"),
        (DataType.Int8, ScalarType.Int8, TensorProto.Int32DataFieldNumber, "int32_data"),
        (DataType.Uint8, ScalarType.Byte, TensorProto.Int32DataFieldNumber, "int32_data"),
        (DataType.Bool, ScalarType.Bool, TensorProto.Int32DataFieldNumber, "int32_data"),
    ];

    /// <summary>Finds what a number of the field <c>data_type</c> stands for.</summary>
    public static bool TryFind(long number, out ScalarType type, out int field, out string fieldName)
    {
        var i = Array.FindIndex(Known, known => (long)known.Type == number);
        (_, type, field, fieldName) = i < 0 ? default : Known[i];
        return i >= 0;
    }

    /// <summary>The specification's name of an element type, or its number.</summary>
    public static string Name(long number) =>
        number is > 0 and <= int.MaxValue && Enum.IsDefined((DataType)number) ? $"{(DataType)number}".ToUpperInvariant() : $"{number}";
}
