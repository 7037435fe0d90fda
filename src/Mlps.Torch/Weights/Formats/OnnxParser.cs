using System.Globalization;
using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads the initializers of an ONNX model: a protocol buffer whose graph lists constants with their values.</summary>
/// <remarks>
/// Of the graph itself, only the convolutions and normalisations are noted, by which networks are recognised whose file gives names of its own.
/// Constants inside nodes (operator <c>Constant</c>, branches, loops) are no initializers and are passed over.
/// </remarks>
internal sealed class OnnxParser
{
    private const int IrVersionTag = 0x08;
    private const int ProducerTag = 0x12;

    private readonly ByteSource _source;
    private readonly ParseBudget _budget;
    private readonly ProtobufReader _reader;
    private readonly OnnxTensorParser _tensorParser;
    private readonly OnnxLayerParser _layerParser;
    private readonly List<StoredTensor> _tensors = [];
    private readonly List<UnreadableWeight> _unreadable = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private OnnxParser(ByteSource source)
    {
        _source = source;
        _budget = new ParseBudget(source);
        _reader = new ProtobufReader(source, 0, source.Length);
        _tensorParser = new OnnxTensorParser(source, _reader, _budget);
        _layerParser = new OnnxLayerParser(source, _reader, _budget);
    }

    /// <summary>True where a file starts as ONNX models do: the version of the format, then the producer's name or another field of a model.</summary>
    /// <remarks>Other protocol buffers start with a number as well (TensorFlow's SavedModel, Core ML), but have a message where ONNX has a text.</remarks>
    public static bool Recognises(ReadOnlySpan<byte> start) => start is [IrVersionTag, > 0 and < 0x80, _, _, ..] && start[2] switch
    {
        ProducerTag => start[3] < 0x80 && !start.Slice(4, Math.Min(start[3], start.Length - 4)).ContainsAnyExceptInRange((byte)' ', (byte)'~'),
        0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 => true,
        _ => false,
    };

    public static ParsedWeights Parse(ByteSource source)
    {
        if (source.Length > int.MaxValue)
        {
            throw source.Fail(
                $"is an ONNX model of {source.Length} bytes; a protocol buffer holds less than 2 GiB. The file is damaged, or something else follows the model.");
        }

        var parser = new OnnxParser(source);
        return parser.ParseModel();
    }

    private ParsedWeights ParseModel()
    {
        var hasGraph = false;
        while (_reader.Next(out var field, out var type))
        {
            switch (field, type)
            {
                case (ModelProto.IrVersionFieldNumber or ModelProto.ModelVersionFieldNumber, WireFormat.WireType.Varint):
                    _metadata[field == ModelProto.IrVersionFieldNumber ? "ir_version" : "model_version"] =
                        unchecked((long)_reader.ReadVarint()).ToString(CultureInfo.InvariantCulture);
                    break;
                case (ModelProto.ProducerNameFieldNumber, WireFormat.WireType.LengthDelimited):
                    KeepText("producer_name");
                    break;
                case (ModelProto.ProducerVersionFieldNumber, WireFormat.WireType.LengthDelimited):
                    KeepText("producer_version");
                    break;
                case (ModelProto.DomainFieldNumber, WireFormat.WireType.LengthDelimited):
                    KeepText("domain");
                    break;
                case (ModelProto.MetadataPropsFieldNumber, WireFormat.WireType.LengthDelimited):
                    var (key, value) = OnnxText.ReadEntry(_reader, _budget);
                    _metadata[key] = value;
                    break;
                case (ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited):
                    hasGraph = true;
                    ParseGraph();
                    break;
                default:
                    _reader.Skip(type);
                    break;
            }
        }

        RequireTensors(hasGraph);
        var own = new WeightGroup([], _tensors, _unreadable);
        WeightGroup[] groups = OnnxResNet18Names.Rename(_layerParser.Layers, _tensors) is { } renamed ? [own, renamed] : [own];
        return new ParsedWeights(WeightFileFormat.Onnx, groups, own, _metadata, []);
    }

    private void ParseGraph()
    {
        var outer = _reader.Enter();
        while (_reader.Next(out var field, out var type))
        {
            switch (field, type)
            {
                case (GraphProto.NodeFieldNumber, WireFormat.WireType.LengthDelimited):
                    _layerParser.Parse();
                    break;
                case (GraphProto.InitializerFieldNumber, WireFormat.WireType.LengthDelimited):
                    var (tensor, unreadable) = _tensorParser.Parse(_names.Count);
                    AddName(tensor?.Entry.Name ?? unreadable.Name);
                    if (tensor is not null)
                    {
                        _tensors.Add(tensor);
                    }
                    else
                    {
                        _unreadable.Add(unreadable);
                    }

                    break;
                case (GraphProto.SparseInitializerFieldNumber, WireFormat.WireType.LengthDelimited):
                    ParseSparse();
                    break;
                default:
                    _reader.Skip(type);
                    break;
            }
        }

        _reader.Leave(outer);
    }

    private void ParseSparse()
    {
        var outer = _reader.Enter();
        while (_reader.Next(out var field, out var type))
        {
            if ((field, type) == (SparseTensorProto.ValuesFieldNumber, WireFormat.WireType.LengthDelimited))
            {
                var (tensor, unreadable) = _tensorParser.Parse(_names.Count);
                var name = tensor?.Entry.Name ?? unreadable.Name;
                AddName(name);
                _unreadable.Add(new UnreadableWeight(name, "is sparse; make it dense before exporting the model", IsTensor: true));
            }
            else
            {
                _reader.Skip(type);
            }
        }

        _reader.Leave(outer);
    }

    private void AddName(string name)
    {
        if (!_names.Add(name))
        {
            throw _source.Fail($"the tensor '{name}' occurs twice among the initializers of the ONNX model; the file is damaged.");
        }
    }

    private void KeepText(string key)
    {
        if (_reader.ReadText(OnnxText.MaxBytes, _budget) is { } text)
        {
            _metadata[key] = text;
        }
    }

    private void RequireTensors(bool hasGraph)
    {
        if (!hasGraph)
        {
            throw _source.Fail("is an ONNX model without a graph; the file is truncated or damaged, copy or download it again.");
        }

        if (_tensors.Count == 0)
        {
            throw _source.Fail(_unreadable.Count > 0
                ? $"is an ONNX model without a tensor that can be read: '{_unreadable[0].Name}' {_unreadable[0].Problem}."
                : "is an ONNX model without initializers: it has no weights, or has them in nodes of the operator Constant. Export it with its weights as initializers.");
        }
    }
}
