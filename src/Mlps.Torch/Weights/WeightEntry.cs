using Mlps.Torch.Weights.Formats;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights;

/// <summary>One tensor of a weight file, described without its values.</summary>
public sealed class WeightEntry
{
    internal WeightEntry(string name, long[] shape, ScalarType dtype)
    {
        Name = name;
        Shape = Array.AsReadOnly(shape);
        DType = dtype;
        ElementCount = ElementTypes.CountElements(shape);
    }

    /// <summary>The name as the file has it, for instance <c>b4_5.conv_branch2a.weight</c>.</summary>
    public string Name { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    /// <remarks>Every size is at least 0.</remarks>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Element type in the file; <see cref="WeightFile.Load(string)"/> keeps it.</summary>
    public ScalarType DType { get; }

    /// <summary>Product of the sizes; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes that the values take once loaded.</summary>
    public long ByteCount => ElementCount * ElementTypes.SizeOf(DType);

    /// <summary>For instance <c>fc8.weight [4, 4096, 1, 1] Float32</c>.</summary>
    public override string ToString() => $"{Name} {ElementTypes.FormatShape(Shape)} {DType}";
}
