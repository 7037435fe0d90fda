using Mlps.Onnx.Export.Graphs;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Networks.Backbones;
using TorchSharp;
using TorchSharp.Modules;

namespace Mlps.Onnx.Export.Networks;

/// <summary>The blocks of the networks.</summary>
internal static class BlockGraph
{
    /// <summary>Blocks one after the other.</summary>
    public static string Through(this GraphBuilder graph, string input, IEnumerable<torch.nn.Module> blocks) => blocks.Aggregate(input, graph.Block);

    /// <summary>One block, or those of a stage.</summary>
    /// <exception cref="NotSupportedException">The block is of a kind that is not known here.</exception>
    public static string Block(this GraphBuilder graph, string input, torch.nn.Module block) => block switch
    {
        Sequential stage => graph.Through(input, stage.children()),
        ResNet38Block wide => graph.Wide(input, wide),
        ResNet38Bottleneck wide => graph.WideBottleneck(input, wide),
        BasicBlock basic => graph.Basic(input, basic),
        ResNetBottleneck bottleneck => graph.Bottleneck(input, bottleneck),
        InvertedResidual inverted => graph.Inverted(input, inverted),
        XceptionBlock separable => graph.Xception(input, separable),
        _ => throw new NotSupportedException($"A model with blocks of the kind {block.GetType().Name} cannot be written as ONNX."),
    };

    /// <summary>A separable convolution, with its BatchNorms.</summary>
    public static string Separable(this GraphBuilder graph, string input, SeparableConvolution convolution)
    {
        var pairs = convolution.Pairs();
        return graph.Convolve(graph.Convolve(input, pairs[0], pairs[0].Shape.Dilation[0]), pairs[1]);
    }

    private static string Wide(this GraphBuilder graph, string input, ResNet38Block block)
    {
        var pairs = block.Pairs();
        var activated = graph.Activate(input, block.Part<BatchNorm2d>("bn_branch2a"));
        var branch = graph.Convolve(graph.ConvolveRelu(activated, pairs[0]), pairs[1]);
        return graph.Add(branch, pairs.Length > 2 ? graph.Convolve(activated, pairs[2]) : input);
    }

    private static string WideBottleneck(this GraphBuilder graph, string input, ResNet38Bottleneck block)
    {
        var pairs = block.Pairs();
        var activated = graph.Activate(input, block.Part<BatchNorm2d>("bn_branch2a"));
        var branch = graph.Convolve(graph.ConvolveRelu(graph.ConvolveRelu(activated, pairs[0]), pairs[1]), pairs[2]);
        return graph.Add(branch, graph.Convolve(activated, pairs[3]));
    }

    private static string Basic(this GraphBuilder graph, string input, BasicBlock block)
    {
        var pairs = block.Pairs();
        var branch = graph.Convolve(graph.Relu(graph.ConvolveStrided(input, pairs[0])), pairs[1]);
        return graph.Relu(graph.Add(branch, graph.Shortcut(input, pairs, at: 2)));
    }

    private static string Bottleneck(this GraphBuilder graph, string input, ResNetBottleneck block)
    {
        var pairs = block.Pairs();
        var branch = graph.Convolve(graph.ConvolveRelu(graph.ConvolveRelu(input, pairs[0]), pairs[1]), pairs[2]);
        return graph.Relu(graph.Add(branch, graph.Shortcut(input, pairs, at: 3)));
    }

    private static string Inverted(this GraphBuilder graph, string input, InvertedResidual block)
    {
        var pairs = block.Pairs();
        var (filter, narrow) = (pairs[^2], pairs[^1]);
        var padding = filter.Shape.Dilation[0];

        // Padded before it is widened, as in the block itself.
        var padded = graph.Pad(input, padding, padding);
        var widened = pairs.Length > 2 ? graph.ConvolveRelu6(padded, pairs[0]) : padded;
        var branch = graph.Convolve(graph.ConvolveRelu6(widened, filter), narrow);
        return block.AddsInput ? graph.Add(input, branch) : branch;
    }

    private static string Xception(this GraphBuilder graph, string input, XceptionBlock block)
    {
        var parts = block.Part<Sequential>("rep").children().ToArray();
        var activated = parts[0] is ReLU ? graph.Relu(input) : input;
        var convolutions = parts.OfType<SeparableConvolution>().ToArray();
        var branch = graph.Separable(activated, convolutions[0]);
        foreach (var convolution in convolutions.AsSpan(1..))
        {
            branch = graph.Separable(graph.Relu(branch), convolution);
        }

        return graph.Add(branch, graph.Shortcut(activated, block.Pairs(), at: 0));
    }

    private static string Shortcut(this GraphBuilder graph, string input, ConvNorm[] pairs, int at) => pairs.Length > at ? graph.Convolve(input, pairs[at]) : input;
}
