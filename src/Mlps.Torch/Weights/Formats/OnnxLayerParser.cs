using System.Text;
using Google.Protobuf;
using Mlps.Torch.Weights.Onnx;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Finds the convolutions and normalisations among the nodes of an ONNX graph, in the graph's order.</summary>
internal sealed class OnnxLayerParser(ByteSource source, ProtobufReader reader, ParseBudget budget)
{
    // No network that is recognised by its graph has more.
    private const int MaxLayers = 256;

    // A normalisation has five inputs; the operators that have more are not sought.
    private const int MaxInputs = 6;

    private readonly (long Start, long Length)[] _inputs = new (long, long)[MaxInputs];
    private readonly List<OnnxLayer> _layers = [];
    private readonly byte[] _operator = new byte[OnnxLayer.Normalisation.Length];

    /// <summary>The layers found so far; empty for a graph with more of them than any network that is recognised.</summary>
    public IReadOnlyList<OnnxLayer> Layers => _layers.Count <= MaxLayers ? _layers : [];

    /// <summary>Reads the node at which the reader stands.</summary>
    public void Parse()
    {
        // The operator's name follows the inputs, which are therefore only located at first: most nodes are of no interest.
        var inputs = 0;
        (long Start, long Length) output = default, name = default;
        var outer = reader.Enter();
        while (reader.Next(out var field, out var type))
        {
            switch (field, type)
            {
                case (NodeProto.InputFieldNumber, WireFormat.WireType.LengthDelimited):
                    var input = reader.SkipRange();
                    if (inputs < MaxInputs)
                    {
                        _inputs[inputs++] = input;
                    }

                    break;
                case (NodeProto.OutputFieldNumber, WireFormat.WireType.LengthDelimited):
                    var found = reader.SkipRange();
                    output = output.Start == 0 ? found : output;
                    break;
                case (NodeProto.OpTypeFieldNumber, WireFormat.WireType.LengthDelimited):
                    name = reader.SkipRange();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        reader.Leave(outer);
        if (_layers.Count <= MaxLayers && Operator(name) is { } kind)
        {
            var inputNames = new string[inputs];
            for (var i = 0; i < inputs; i++)
            {
                inputNames[i] = Text(_inputs[i]);
            }

            _layers.Add(new OnnxLayer(kind, inputNames, Text(output)));
        }
    }

    private string? Operator((long Start, long Length) range)
    {
        if (range.Length is not (4 or 18))
        {
            return null;
        }

        var bytes = _operator.AsSpan(0, (int)range.Length);
        source.Read(range.Start, bytes);
        return bytes.SequenceEqual("Conv"u8) ? OnnxLayer.Convolution
            : bytes.SequenceEqual("BatchNormalization"u8) ? OnnxLayer.Normalisation
            : null;
    }

    private string Text((long Start, long Length) range)
    {
        if (range.Length > StoredTensor.MaxNameLength)
        {
            throw source.Fail($"has a name of {range.Length} bytes at offset {range.Start} of the ONNX model; expected at most {StoredTensor.MaxNameLength}. The file is damaged.");
        }

        budget.Charge(range.Length, range.Start);
        budget.ChargeText(range.Length, range.Start);
        var bytes = new byte[range.Length];
        source.Read(range.Start, bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
