using Mlps.Onnx.Export.Graphs;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static Mlps.Onnx.Export.Graphs.GraphBuilder;

namespace Mlps.Onnx.Export.Networks;

/// <summary>Convolutions with their BatchNorms folded in, and BatchNorms that have none before them.</summary>
internal static class ConvolutionGraph
{
    /// <summary>A convolution, its BatchNorm folded into it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="pair">The convolution, and the BatchNorm after it if any.</param>
    /// <param name="padding">Zeros on each side beside the convolution's own.</param>
    public static string Convolve(this GraphBuilder graph, string input, ConvNorm pair, long padding = 0)
    {
        using var scope = torch.NewDisposeScope();
        var (weight, bias) = pair.FoldedNow();
        var shape = pair.Shape;
        var (rows, columns) = (shape.Padding[0] + padding, shape.Padding[1] + padding);
        string[] inputs = [input, graph.Constant(weight), .. bias is null ? [] : new[] { graph.Constant(bias) }];
        return graph.Node(
            "Conv",
            inputs,
            Numbers("kernel_shape", shape.Kernel),
            Numbers("strides", shape.Stride),
            Numbers("dilations", shape.Dilation),
            Numbers("pads", rows, columns, rows, columns),
            Number("group", shape.Groups));
    }

    public static string ConvolveRelu(this GraphBuilder graph, string input, ConvNorm pair, long padding = 0) => graph.Relu(graph.Convolve(input, pair, padding));

    public static string ConvolveRelu6(this GraphBuilder graph, string input, ConvNorm pair, long padding = 0) => graph.Relu6(graph.Convolve(input, pair, padding));

    /// <summary>A strided convolution of ML.NET's ResNet-18 (<see cref="StridedPadding"/>).</summary>
    /// <remarks>Padded alike on all sides: what is more below and to the right no window reaches.</remarks>
    public static string ConvolveStrided(this GraphBuilder graph, string input, ConvNorm pair) =>
        graph.Convolve(input, pair, pair.Shape is { Padding: [0, 0], Kernel: [var kernel and > 1, _] } ? kernel / 2 : 0);

    /// <summary>A BatchNorm and a ReLU before a convolution.</summary>
    public static string Activate(this GraphBuilder graph, string input, BatchNorm2d norm)
    {
        string[] inputs = [input, graph.Constant(norm.weight!), graph.Constant(norm.bias!), graph.Constant(norm.running_mean!), graph.Constant(norm.running_var!)];
        return graph.Relu(graph.Node("BatchNormalization", inputs, Real("epsilon", norm.eps)));
    }

    /// <summary>A part of a network by its name in checkpoints.</summary>
    public static T Part<T>(this torch.nn.Module module, string name)
        where T : torch.nn.Module =>
        module.named_children().Single(child => child.name == name).module as T ?? throw new NotSupportedException($"{module.GetName()} has another kind of '{name}' than ONNX export knows.");

    /// <summary>The pairs of convolution and BatchNorm of a block.</summary>
    public static ConvNorm[] Pairs(this torch.nn.Module module) => [.. ((IFoldable)module).Folded];
}
