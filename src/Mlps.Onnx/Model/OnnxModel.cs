using Google.Protobuf;
using Mlps.Torch;
using Mlps.Torch.Weights.Onnx;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Onnx.Model;

/// <summary>An exported file: what it says of its model, and its graph.</summary>
internal sealed class OnnxModel
{
    private readonly ModelProto _model;

    private OnnxModel(ModelProto model, ModelFacts facts, bool takesBytes) => (_model, Facts, TakesBytes) = (model, facts, takesBytes);

    /// <summary>What the file says.</summary>
    public ModelFacts Facts { get; }

    /// <summary>Whether the graph takes bytes, and not 32-bit floats.</summary>
    public bool TakesBytes { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is no exported model, or damaged, or of a newer release.</exception>
    public static OnnxModel Read(byte[] bytes, string name)
    {
        try
        {
            return Read(bytes);
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException($"{name} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The part of the graph that computes one value from any number of images of any size.</summary>
    /// <remarks>Sizes stand nowhere in an exported graph but in its inputs and outputs, so that they can be left open here.</remarks>
    /// <param name="value">The value: one of the names in <see cref="OnnxProperties"/>.</param>
    public byte[] Part(string value)
    {
        var made = new Dictionary<string, NodeProto>();
        foreach (var node in _model.Graph.Node)
        {
            foreach (var output in node.Output)
            {
                made[output] = node;
            }
        }

        var (needed, nodes) = (new HashSet<string>(), new HashSet<NodeProto>(ReferenceEqualityComparer.Instance));
        var open = new Stack<string>([value]);
        while (open.TryPop(out var name))
        {
            if (needed.Add(name) && made.TryGetValue(name, out var node) && nodes.Add(node))
            {
                foreach (var input in node.Input)
                {
                    open.Push(input);
                }
            }
        }

        var graph = new GraphProto { Name = _model.Graph.Name };
        graph.Node.Add(_model.Graph.Node.Where(nodes.Contains));
        graph.Initializer.Add(_model.Graph.Initializer.Where(constant => needed.Contains(constant.Name)));
        graph.Input.Add(Value(OnnxProperties.Image, TakesBytes ? DataType.Uint8 : DataType.Float, "N", 3, "H", "W"));
        graph.Output.Add(value == OnnxProperties.Logits ? Value(value, DataType.Float, "N", Facts.Tissues.Count, "H", "W") : Value(value, DataType.Float, "N", Facts.Tissues.Count));
        var part = new ModelProto { IrVersion = _model.IrVersion, ProducerName = _model.ProducerName, ProducerVersion = _model.ProducerVersion, Graph = graph };
        part.OpsetImport.Add(_model.OpsetImport);
        return part.ToByteArray();
    }

    private static OnnxModel Read(byte[] bytes)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new FormatException($"it is no ONNX model, or it is cut short or damaged ({ShortText.OfMessage(exception.Message.ReplaceLineEndings(" "))}).", exception);
        }

        if (model.Graph is not { Node.Count: > 0 } graph)
        {
            throw new FormatException("it is no ONNX model.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in model.MetadataProps)
        {
            if (!values.TryAdd(property.Key, property.Value))
            {
                throw new FormatException($"its property '{ShortText.Of(property.Key)}' is there twice: it is damaged, or another program changed it.");
            }
        }

        var properties = new PropertyReader(values);
        var facts = properties.Read();
        if (properties.Text(OnnxProperties.WeightSum) != WeightSum.Of(graph))
        {
            throw new FormatException("its weights are not those that were written: it is damaged, or another program changed it.");
        }

        foreach (var name in (string[])[OnnxProperties.Logits, OnnxProperties.PresenceLogits])
        {
            if (!graph.Node.Any(node => node.Output.Contains(name)))
            {
                throw new FormatException($"its graph computes no '{name}': it is damaged, or another program changed it.");
            }
        }

        if (graph.Output.FirstOrDefault(output => output.Name == OnnxProperties.PixelProbability)?.Type?.TensorType?.Shape?.Dim is not [_, var classes, ..])
        {
            throw new FormatException($"its graph has no output '{OnnxProperties.PixelProbability}': it is damaged, or another program changed it.");
        }

        if (classes.DimValue != facts.Tissues.Count)
        {
            throw new FormatException(FormattableString.Invariant($"its property '{OnnxProperties.Classes}' has {facts.Tissues.Count} classes, and its graph has {classes.DimValue}."));
        }

        return new OnnxModel(model, facts, (DataType?)graph.Input.FirstOrDefault(input => input.Name == OnnxProperties.Image)?.Type?.TensorType?.ElemType switch
        {
            DataType.Float => false,
            DataType.Uint8 => true,
            _ => throw new FormatException($"its graph has no input '{OnnxProperties.Image}' of floats or bytes."),
        });
    }

    private static ValueInfoProto Value(string name, DataType type, params object[] sizes)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(sizes.Select(size => size is int known ? new TensorShapeProto.Types.Dimension { DimValue = known } : new TensorShapeProto.Types.Dimension { DimParam = (string)size }));
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }
}
