using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Every global that a PyTorch file may name. Whatever is not in this table is refused.</summary>
internal static class TorchGlobals
{
    private static readonly Dictionary<(string Module, string Name), object> Known = Build();

    public static bool TryResolve(string module, string name, out object? value) => Known.TryGetValue((module, name), out value);

    private static Dictionary<(string Module, string Name), object> Build()
    {
        var known = new Dictionary<(string Module, string Name), object>
        {
            [("collections", "OrderedDict")] = PickleCallable.OrderedDict,
            [("torch._utils", "_rebuild_tensor")] = PickleCallable.RebuildTensorV1,
            [("torch._utils", "_rebuild_tensor_v2")] = PickleCallable.RebuildTensorV2,
            [("torch._utils", "_rebuild_tensor_v3")] = PickleCallable.RebuildTensorV3,
            [("torch._utils", "_rebuild_parameter")] = PickleCallable.RebuildParameter,
            [("torch._utils", "_rebuild_parameter_with_state")] = PickleCallable.RebuildParameter,
            [("torch", "Size")] = PickleCallable.Size,
            [("torch", "device")] = PickleCallable.Device,

            // Scores beside the weights are often numpy numbers; numpy spells them with these, and bytes with the codec.
            [("numpy", "dtype")] = PickleCallable.NumpyDType,
            [("numpy.core.multiarray", "scalar")] = PickleCallable.NumpyScalar,
            [("numpy._core.multiarray", "scalar")] = PickleCallable.NumpyScalar,
            [("_codecs", "encode")] = PickleCallable.CodecsEncode,
            [("__builtin__", "bytes")] = PickleCallable.Bytes,
            [("builtins", "bytes")] = PickleCallable.Bytes,

            [("torch", "UntypedStorage")] = new StorageClass(null),
            [("torch.storage", "UntypedStorage")] = new StorageClass(null),
            [("torch.storage", "_UntypedStorage")] = new StorageClass(null),
        };

        AddType(known, ScalarType.Float64, "DoubleStorage", "float64", "double");
        AddType(known, ScalarType.Float32, "FloatStorage", "float32", "float");
        AddType(known, ScalarType.Float16, "HalfStorage", "float16", "half");
        AddType(known, ScalarType.BFloat16, "BFloat16Storage", "bfloat16");
        AddType(known, ScalarType.Int64, "LongStorage", "int64", "long");
        AddType(known, ScalarType.Int32, "IntStorage", "int32", "int");
        AddType(known, ScalarType.Int16, "ShortStorage", "int16", "short");
        AddType(known, ScalarType.Int8, "CharStorage", "int8");
        AddType(known, ScalarType.Byte, "ByteStorage", "uint8");
        AddType(known, ScalarType.Bool, "BoolStorage", "bool");
        AddType(known, ScalarType.ComplexFloat32, "ComplexFloatStorage", "complex64", "cfloat");
        AddType(known, ScalarType.ComplexFloat64, "ComplexDoubleStorage", "complex128", "cdouble");
        return known;
    }

    private static void AddType(
        Dictionary<(string Module, string Name), object> known, ScalarType type, string storage, params ReadOnlySpan<string> names)
    {
        known[("torch", storage)] = new StorageClass(type);
        known[("torch.cuda", storage)] = new StorageClass(type);
        foreach (string name in names)
        {
            known[("torch", name)] = new ElementType(type);
        }
    }
}
