using Mlps.Onnx.Model;
using Mlps.Torch.Weights.Onnx;

namespace Mlps.Onnx.Export.Quantization;

/// <summary>The values of a graph that are kept in 8 bits: what convolutions read, and what is computed of their results before the next convolution.</summary>
/// <remarks>The last convolution of each network gives logits, which stay in 32 bits.</remarks>
internal sealed class FeatureMaps
{
    private readonly Dictionary<string, NodeProto> _makers = [];
    private readonly Dictionary<string, List<NodeProto>> _readers = [];
    private readonly HashSet<string> _names = [];

    public FeatureMaps(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            _makers[node.Output[0]] = node;
            foreach (var input in node.Input)
            {
                (_readers.TryGetValue(input, out var readers) ? readers : _readers[input] = []).Add(node);
            }
        }

        string[] last = [LastConvolution(OnnxProperties.Logits), LastConvolution(OnnxProperties.PresenceLogits)];
        foreach (var node in graph.Node)
        {
            Take(node, givesLogits: last.Contains(node.Output[0]));
        }
    }

    /// <summary>Their names.</summary>
    public IReadOnlySet<string> Names => _names;

    private void Take(NodeProto node, bool givesLogits)
    {
        switch (node.OpType)
        {
            case "Conv":
                _names.Add(node.Input[0]);
                if (!givesLogits)
                {
                    _names.Add(Activated(node.Output[0]));
                }

                break;
            case "Add" when node.Input.All(IsFeatureMap):
                _names.UnionWith(node.Input);
                _names.Add(Activated(node.Output[0]));
                break;
            case "MaxPool":
                _names.Add(node.Input[0]);
                _names.Add(node.Output[0]);
                break;
        }
    }

    /// <summary>The convolution that a network's logits come from; what stands between only enlarges them.</summary>
    private string LastConvolution(string logits)
    {
        var value = logits;
        while (_makers.TryGetValue(value, out var maker) && maker.OpType != "Conv")
        {
            value = maker.Input[0];
        }

        return value;
    }

    private bool IsFeatureMap(string value) => _makers.TryGetValue(value, out var maker) && maker.OpType is "Conv" or "Relu" or "Clip" or "Add" or "MaxPool";

    /// <summary>The value after the ReLU that alone reads this one, or this one.</summary>
    private string Activated(string value) => ReadersOf(value) is [{ OpType: "Relu" or "Clip" } activation] ? activation.Output[0] : value;

    private List<NodeProto> ReadersOf(string value) => _readers.TryGetValue(value, out var readers) ? readers : [];
}
