using System.Runtime.InteropServices;
using Google.Protobuf;
using Mlps.Onnx.Export.Graphs;
using Mlps.Torch.Weights.Onnx;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Onnx.Export.Quantization;

/// <summary>Writes a graph anew so that convolutions compute in 8 bits: their weights are stored in 8 bits, and feature maps are rounded to 8 bits and restored.</summary>
/// <remarks>Programs that run the graph find each pair of rounding and restoring, and compute on the bytes in between. Jacob et al., "Quantization and training of neural networks", CVPR 2018.</remarks>
internal sealed class QuantizedGraph
{
    /// <summary>Weights take seven of the eight bits: processors without VNNI add two products in 16 bits, which eight would overflow.</summary>
    private const float LargestWeight = 63;

    private const float SmallestScale = 1e-12f;

    private readonly GraphProto _graph;
    private readonly IReadOnlyDictionary<string, ValueRange> _ranges;
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly Dictionary<string, string> _restored = [];
    private readonly List<NodeProto> _nodes = [];

    private QuantizedGraph(GraphProto graph, IReadOnlyDictionary<string, ValueRange> ranges) =>
        (_graph, _ranges, _constants) = (graph, ranges, graph.Initializer.ToDictionary(constant => constant.Name));

    /// <summary>Changes a graph.</summary>
    /// <param name="graph">The graph, whose convolutions have constant weights.</param>
    /// <param name="ranges">The values to round, and their ranges.</param>
    public static void Write(GraphProto graph, IReadOnlyDictionary<string, ValueRange> ranges) => new QuantizedGraph(graph, ranges).Write();

    private void Write()
    {
        foreach (var input in _graph.Input)
        {
            Round(input.Name);
        }

        foreach (var node in _graph.Node.ToArray())
        {
            if (node.OpType == "Conv")
            {
                RoundWeights(node);
            }

            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = _restored.GetValueOrDefault(node.Input[i], node.Input[i]);
            }

            _nodes.Add(node);
            Round(node.Output[0]);
        }

        _graph.Node.Clear();
        _graph.Node.Add(_nodes);
        var read = _nodes.SelectMany(node => node.Input).ToHashSet();
        TensorProto[] constants = [.. _graph.Initializer.Where(constant => read.Contains(constant.Name))];
        _graph.Initializer.Clear();
        _graph.Initializer.Add(constants);
    }

    /// <summary>Rounds a value to bytes and restores it, if it has a range; whoever reads it reads the restored one.</summary>
    private void Round(string value)
    {
        if (!_ranges.TryGetValue(value, out var range))
        {
            return;
        }

        var (scale, zero) = (Constant($"{value}_scale", DataType.Float, [range.Scale], []), Constant($"{value}_zero", DataType.Uint8, [range.ZeroPoint], []));
        Node("QuantizeLinear", [value, scale, zero], $"{value}_rounded");
        Node("DequantizeLinear", [$"{value}_rounded", scale, zero], _restored[value] = $"{value}_restored");
    }

    private void RoundWeights(NodeProto convolution)
    {
        if (!_ranges.TryGetValue(convolution.Input[0], out var range))
        {
            return;
        }

        var weights = _constants[convolution.Input[1]];
        var values = MemoryMarshal.Cast<byte, float>(weights.RawData.Span);
        var (channels, length) = ((int)weights.Dims[0], values.Length / (int)weights.Dims[0]);
        var (rounded, scales) = (new sbyte[values.Length], new float[channels]);
        for (var channel = 0; channel < channels; channel++)
        {
            var row = values.Slice(channel * length, length);
            var scale = scales[channel] = Math.Max(Largest(row) / LargestWeight, SmallestScale);
            for (var i = 0; i < length; i++)
            {
                rounded[(channel * length) + i] = (sbyte)MathF.Round(row[i] / scale);
            }
        }

        _restored[weights.Name] = Restored(weights.Name, DataType.Int8, rounded, [.. weights.Dims], scales, new sbyte[channels]);
        if (convolution.Input.Count > 2)
        {
            RoundBias(_constants[convolution.Input[2]], [.. scales.Select(scale => scale * range.Scale)]);
        }
    }

    /// <summary>A bias in the unit of the sums of products that it is added to.</summary>
    private void RoundBias(TensorProto bias, float[] scales)
    {
        var values = MemoryMarshal.Cast<byte, float>(bias.RawData.Span);
        var rounded = new int[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            rounded[i] = (int)Math.Clamp(Math.Round((double)values[i] / scales[i]), -int.MaxValue, int.MaxValue);
        }

        _restored[bias.Name] = Restored(bias.Name, DataType.Int32, rounded, [values.Length], scales, new int[values.Length]);
    }

    private string Restored<T>(string name, DataType type, T[] values, long[] sizes, float[] scales, T[] zeros)
        where T : unmanaged
    {
        string[] inputs =
        [
            Constant($"{name}_rounded", type, values, sizes),
            Constant($"{name}_scale", DataType.Float, scales, [scales.Length]),
            Constant($"{name}_zero", type, zeros, [zeros.Length]),
        ];
        return Node("DequantizeLinear", inputs, $"{name}_restored", GraphBuilder.Number("axis", 0));
    }

    private string Constant<T>(string name, DataType type, T[] values, long[] sizes)
        where T : unmanaged
    {
        _graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { sizes }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
        return name;
    }

    private string Node(string operation, string[] inputs, string output, params AttributeProto[] attributes)
    {
        _nodes.Add(new NodeProto { OpType = operation, Name = output, Input = { inputs }, Output = { output }, Attribute = { attributes } });
        return output;
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }
}
