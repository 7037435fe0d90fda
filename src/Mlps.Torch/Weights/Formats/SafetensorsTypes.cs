using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>The element types that safetensors and TorchSharp share, by safetensors' names.</summary>
internal static class SafetensorsTypes
{
    // In the order in which safetensors' own writer lays tensors out (widest alignment first), so that files come out the same.
    private static readonly (ScalarType Type, string Name)[] Known =
    [
        (ScalarType.Int64, "I64"),
        (ScalarType.Float64, "F64"),
        (ScalarType.Float32, "F32"),
        (ScalarType.Int32, "I32"),
        (ScalarType.BFloat16, "BF16"),
        (ScalarType.Float16, "F16"),
        (ScalarType.Int16, "I16"),
        (ScalarType.Int8, "I8"),
        (ScalarType.Byte, "U8"),
        (ScalarType.Bool, "BOOL"),
    ];

    public static string Names { get; } = string.Join(", ", Known.Select(known => known.Name));

    public static bool TryParse(string? name, out ScalarType type)
    {
        var i = Array.FindIndex(Known, known => known.Name == name);
        type = i < 0 ? default : Known[i].Type;
        return i >= 0;
    }

    public static bool TryGetName(ScalarType type, out string name)
    {
        var i = LayoutOrder(type);
        name = i < 0 ? "" : Known[i].Name;
        return i >= 0;
    }

    /// <summary>Position among the element types in the file's data, or -1 where safetensors has no such type.</summary>
    public static int LayoutOrder(ScalarType type) => Array.FindIndex(Known, known => known.Type == type);
}
