using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>The globals of a PyTorch file that the reader understands; all others are kept as names only.</summary>
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
            [("torch._tensor", "_rebuild_from_type")] = PickleCallable.RebuildFromType,
            [("torch._tensor", "_rebuild_from_type_v2")] = PickleCallable.RebuildFromType,
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
        AddUnsupported(known);
        return known;
    }

    private static void AddUnsupported(Dictionary<(string Module, string Name), object> known)
    {
        const string Sparse = "is sparse; save it dense (tensor.to_dense())";
        const string Device = "was saved from a device of its own kind; move it first (tensor.cpu())";
        const string Subclass = "is of a tensor class of its own; save a plain tensor";
        foreach ((var name, var problem) in new[]
        {
            ("_rebuild_sparse_tensor", Sparse),
            ("_rebuild_sparse_csr_tensor", Sparse),
            ("_rebuild_qtensor", "is quantised; save it in floating point (tensor.dequantize()), or save the network before quantising it"),
            ("_rebuild_nested_tensor", "is a nested tensor; save a plain one"),
            ("_rebuild_meta_tensor_no_storage", "was saved on the 'meta' device, which keeps no values; save it after its values are loaded"),
            ("_rebuild_wrapper_subclass", Subclass),
            ("_rebuild_device_tensor_from_numpy", Device),
            ("_rebuild_device_tensor_from_cpu_tensor", Device),
            ("_rebuild_xla_tensor", Device),
            ("_rebuild_mlc_tensor", Device),
        })
        {
            known[("torch._utils", name)] = new UnsupportedRebuild($"{problem} (it was written with 'torch._utils.{name}')");
        }

        foreach ((var name, var bytes) in new[]
        {
            ("QInt8Storage", 1), ("QUInt8Storage", 1), ("QInt32Storage", sizeof(int)), ("QUInt4x2Storage", 1), ("QUInt2x4Storage", 1),
        })
        {
            known[("torch", name)] = new StorageClass(null, bytes);
            known[("torch.cuda", name)] = new StorageClass(null, bytes);
        }
    }

    private static void AddType(
        Dictionary<(string Module, string Name), object> known, ScalarType type, string storage, params ReadOnlySpan<string> names)
    {
        known[("torch", storage)] = new StorageClass(type);
        known[("torch.cuda", storage)] = new StorageClass(type);
        foreach (var name in names)
        {
            known[("torch", name)] = new ElementType(type);
        }
    }
}
