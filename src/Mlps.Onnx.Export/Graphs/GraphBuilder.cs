using System.Runtime.InteropServices;
using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Onnx.Export.Graphs;

/// <summary>Writes a graph node by node; values between nodes go by their names.</summary>
internal sealed class GraphBuilder
{
    private readonly Dictionary<string, int> _uses = [];

    /// <summary>The graph as far as it is written.</summary>
    public GraphProto Graph { get; } = new() { Name = "mlps" };

    /// <summary>Adds an input; sizes are numbers or names of unknown sizes.</summary>
    public string Input(string name, DataType type, params object[] sizes)
    {
        Graph.Input.Add(Value(name, type, sizes));
        return name;
    }

    /// <summary>Gives a value the name of an output.</summary>
    public void Output(string name, string value, DataType type, params object[] sizes)
    {
        Graph.Node.Add(new NodeProto { OpType = "Identity", Name = $"output_{name}", Input = { value }, Output = { name } });
        Graph.Output.Add(Value(name, type, sizes));
    }

    /// <summary>Gives a value between nodes a name by which readers find it.</summary>
    public string Named(string name, string value)
    {
        Graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { value }, Output = { name } });
        return name;
    }

    /// <summary>Adds a node with one output, whose name it returns.</summary>
    public string Node(string operation, IEnumerable<string> inputs, params IEnumerable<AttributeProto> attributes)
    {
        var name = Name(operation);
        Graph.Node.Add(new NodeProto { OpType = operation, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        return name;
    }

    /// <summary>A constant of floats.</summary>
    public string Constant(ReadOnlySpan<float> values, params long[] sizes) => Constant(DataType.Float, MemoryMarshal.AsBytes(values).ToArray(), sizes);

    /// <summary>A constant of whole numbers.</summary>
    public string Constant(ReadOnlySpan<long> values, params long[] sizes) => Constant(DataType.Int64, MemoryMarshal.AsBytes(values).ToArray(), sizes);

    /// <summary>A list of whole numbers, as axes and sizes are given.</summary>
    public string List(params long[] values) => Constant(values, values.Length);

    /// <summary>A constant with the values of a tensor, as 32-bit floats.</summary>
    public string Constant(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var values = tensor.detach().to(torch.ScalarType.Float32).cpu().contiguous();
        return Constant(DataType.Float, values.bytes.ToArray(), values.shape);
    }

    /// <summary>An attribute that is a whole number.</summary>
    public static AttributeProto Number(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>An attribute that is a list of whole numbers.</summary>
    public static AttributeProto Numbers(string name, params IEnumerable<long> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    /// <summary>An attribute that is a float.</summary>
    public static AttributeProto Real(string name, double value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    /// <summary>An attribute that is text.</summary>
    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    private static ValueInfoProto Value(string name, DataType type, object[] sizes)
    {
        var shape = new TensorShapeProto();
        foreach (var size in sizes)
        {
            shape.Dim.Add(size is string unknown ? new TensorShapeProto.Types.Dimension { DimParam = unknown } : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, null) });
        }

        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }

    private string Constant(DataType type, byte[] values, long[] sizes)
    {
        var name = Name("constant");
        Graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { sizes }, RawData = UnsafeByteOperations.UnsafeWrap(values) });
        return name;
    }

    private string Name(string kind)
    {
        var number = _uses[kind] = _uses.GetValueOrDefault(kind) + 1;
        return FormattableString.Invariant($"{kind}_{number}");
    }
}
