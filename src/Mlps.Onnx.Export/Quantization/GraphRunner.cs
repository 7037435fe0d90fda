using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Onnx.Export.Quantization;

/// <summary>Computes values of an exported graph on tensors, so that they can be measured without ONNX Runtime.</summary>
/// <remarks>It knows the operators of the networks, with the attributes that export writes.</remarks>
internal sealed class GraphRunner : IDisposable
{
    private readonly Dictionary<string, Tensor> _constants = [];
    private readonly List<NodeProto> _nodes = [];
    private readonly string _image;

    /// <param name="graph">The graph, with one input.</param>
    /// <param name="values">The values to compute.</param>
    public GraphRunner(GraphProto graph, IReadOnlySet<string> values)
    {
        _image = graph.Input[0].Name;
        var needed = new HashSet<string>(values);
        foreach (var node in graph.Node.Reverse())
        {
            if (node.Output.Any(needed.Contains))
            {
                _nodes.Insert(0, node);
                needed.UnionWith(node.Input);
            }
        }

        foreach (var constant in graph.Initializer.Where(constant => needed.Contains(constant.Name)))
        {
            var type = (DataType)constant.DataType is DataType.Float ? ScalarType.Float32 : ScalarType.Int64;
            var tensor = empty([.. constant.Dims], type, CPU);
            constant.RawData.Span.CopyTo(tensor.bytes);
            _constants.Add(constant.Name, tensor.DetachFromDisposeScope());
        }
    }

    /// <summary>Computes the values of images.</summary>
    /// <param name="images">Floats [N, 3, H, W] from 0 to 255.</param>
    /// <param name="see">Is shown each value by its name.</param>
    public void Run(Tensor images, Action<string, Tensor> see)
    {
        using var scope = NewDisposeScope();
        var values = new Dictionary<string, Tensor>(_constants) { [_image] = images };
        foreach (var node in _nodes)
        {
            Tensor[] inputs = [.. node.Input.Where(name => name.Length > 0).Select(name => values[name])];
            var value = values[node.Output[0]] = Compute(new Operation(node), inputs);
            see(node.Output[0], value);
        }
    }

    public void Dispose()
    {
        foreach (var constant in _constants.Values)
        {
            constant.Dispose();
        }
    }

    private static Tensor Compute(Operation operation, Tensor[] inputs) => operation.Type switch
    {
        "Add" => inputs[0].add(inputs[1]),
        "BatchNormalization" => nn.functional.batch_norm(inputs[0], inputs[3], inputs[4], inputs[1], inputs[2], training: false, eps: operation.Real("epsilon")),
        "Cast" => inputs[0].to(ScalarType.Float32),
        "Clip" => inputs[0].clamp(inputs[1].ToSingle(), inputs[2].ToSingle()),
        "Concat" => cat(inputs, operation.Number("axis")),
        "Conv" => nn.functional.conv2d(
            inputs[0], inputs[1], inputs.ElementAtOrDefault(2), operation.Numbers("strides"), operation.Numbers("pads")[..2], operation.Numbers("dilations"), operation.Number("group")),
        "Expand" => inputs[0].broadcast_to([.. inputs[1].data<long>().ToArray().Zip(inputs[0].shape, Math.Max)]),
        "Flatten" => inputs[0].flatten(1),
        "Gather" => inputs[0].index_select(operation.Number("axis"), inputs[1]),
        "GlobalAveragePool" => inputs[0].mean([2, 3], keepdim: true),
        "Identity" => inputs[0],
        "MaxPool" => nn.functional.max_pool2d(inputs[0], operation.Numbers("kernel_shape"), operation.Numbers("strides"), operation.Numbers("pads")[..2]),
        "Mul" => inputs[0].mul(inputs[1]),
        "Pad" => Pad(inputs[0], inputs[1].data<long>().ToArray(), operation.Text("mode") == "edge"),
        "Relu" => inputs[0].relu(),
        "Resize" => nn.functional.interpolate(inputs[0], size: inputs[1].data<long>().ToArray()[2..], mode: InterpolationMode.Bilinear, align_corners: true),
        "Shape" => tensor(inputs[0].shape[operation.Number("start")..operation.Number("end")]),
        "Slice" => Slice(inputs[0], inputs[1].data<long>().ToArray(), inputs[2].data<long>().ToArray()),
        var other => throw new NotSupportedException($"A graph with the operator {other} cannot be calibrated."),
    };

    /// <summary>Rows and columns around [N, C, H, W]: zeros, or what stands at the edge.</summary>
    private static Tensor Pad(Tensor input, long[] pads, bool edge) =>
        nn.functional.pad(input, [pads[3], pads[7], pads[2], pads[6]], edge ? PaddingModes.Replicate : PaddingModes.Constant);

    /// <summary>Rows and columns of [N, C, H, W].</summary>
    private static Tensor Slice(Tensor input, long[] starts, long[] ends) => input.slice(2, starts[0], ends[0], 1).slice(3, starts[1], ends[1], 1);

    /// <summary>A node and its attributes.</summary>
    private readonly struct Operation(NodeProto node)
    {
        public string Type => node.OpType;

        public int Number(string name) => checked((int)Attribute(name)!.I);

        public long[] Numbers(string name) => [.. Attribute(name)!.Ints];

        public float Real(string name) => Attribute(name)!.F;

        public string? Text(string name) => Attribute(name)?.S.ToStringUtf8();

        private AttributeProto? Attribute(string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
    }
}
