using Mlps.ML;
using Mlps.Onnx.Export.Graphs;
using Mlps.Torch;
using Mlps.Torch.Data;
using static Mlps.Onnx.Export.Graphs.GraphBuilder;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Onnx.Export.Networks;

/// <summary>What stands before, between and behind the two networks.</summary>
internal static class GateGraph
{
    /// <summary>The smallest normal number, as in the library's own entropy: its logarithm is finite.</summary>
    private const float Smallest = 1.2e-38f;

    /// <summary>Images [N, 3, H, W] in [0, 255] as a network sees them.</summary>
    public static string Normalize(this GraphBuilder graph, string images, Normalization normalization)
    {
        var (reversed, scale, shift) = normalization.Affine();
        var channels = reversed ? graph.Node("Gather", [images, graph.List(2, 1, 0)], Number("axis", 1)) : images;
        return graph.Add(graph.Multiply(channels, graph.Constant(scale, 1, 3, 1, 1)), graph.Constant(shift, 1, 3, 1, 1));
    }

    /// <summary>Probabilities [N, C] of logits, scaled so that each tissue's own threshold becomes 0.5.</summary>
    public static string Presence(this GraphBuilder graph, string logits, IReadOnlyList<double> thresholds)
    {
        float[] shifts = [.. thresholds.Select(threshold => (float)Math.Log((1 - threshold) / threshold))];
        return graph.Node("Sigmoid", [graph.Add(logits, graph.Constant(shifts, 1, shifts.Length))]);
    }

    /// <summary>Logits [N, C, H, W] after the gate of the whole image; see <see cref="Mlps.Torch.Inference.ClassificationGate"/>.</summary>
    public static string Gate(this GraphBuilder graph, string logits, string probabilities, SegmentationOptions segmentation, int classCount)
    {
        var passes = graph.Node("Greater", [probabilities, graph.Constant([(float)segmentation.GateThreshold])]);
        var pixels = graph.List(2, 3);
        if (segmentation.Recipe is Recipe.Reference)
        {
            return graph.Multiply(logits, graph.Cast(graph.Node("Unsqueeze", [passes, pixels]), DataType.Float));
        }

        // The most probable tissue passes always: where another passes, it does so by itself.
        var numbers = graph.Constant([.. Enumerable.Range(0, classCount).Select(number => (long)number)], 1, classCount);
        var open = graph.Node("Or", [passes, graph.Node("Equal", [graph.Argmax(probabilities, keepsChannel: true), numbers])]);
        return graph.Node("Where", [graph.Node("Unsqueeze", [open, pixels]), logits, graph.Constant([float.NegativeInfinity])]);
    }

    /// <summary>Entropies [N, H, W] from 0 to 1 of probabilities [N, C, H, W].</summary>
    public static string Entropy(this GraphBuilder graph, string probabilities, int classCount)
    {
        var logarithms = graph.Node("Log", [graph.Node("Max", [probabilities, graph.Constant([Smallest])])]);
        var sum = graph.Node("ReduceSum", [graph.Multiply(probabilities, logarithms), graph.List(1)], Number("keepdims", 0));
        var scaled = graph.Multiply(sum, graph.Constant([classCount == 1 ? 0 : (float)(-1 / Math.Log(classCount))]));
        return graph.Node("Clip", [scaled, graph.Constant([0f]), graph.Constant([1f])]);
    }
}
