using Mlps.Onnx.Export.Graphs;
using Mlps.Torch.Networks.Backbones;
using TorchSharp;
using TorchSharp.Modules;

namespace Mlps.Onnx.Export.Networks;

/// <summary>The segmenters' encoders.</summary>
internal static class BackboneGraph
{
    /// <summary>The last separable convolutions of Xception.</summary>
    private static readonly string[] _exit = ["conv3", "conv4", "conv5"];

    /// <summary>Low-level and high-level features of normalized images [N, 3, H, W].</summary>
    /// <exception cref="NotSupportedException">The network is of a kind that is not known here.</exception>
    public static (string Low, string High) Backbone(this GraphBuilder graph, string images, SegmenterBackbone backbone) => backbone switch
    {
        CompactBackbone => graph.Staged(graph.ConvolveRelu(images, backbone.Pairs()[0]), backbone, "layer1", "layer2", "layer3"),
        ResNet18Backbone => graph.Staged(graph.Front18(images, backbone), backbone, "layer1", "layer2", "layer3", "layer4"),
        ResNetBackbone => graph.Staged(graph.MaxPool(graph.ConvolveRelu(images, backbone.Pairs()[0])), backbone, "layer1", "layer2", "layer3", "layer4"),
        DrnBackbone => graph.Drn(images, backbone),
        MobileNetBackbone => graph.MobileNet(images, backbone),
        XceptionBackbone => graph.Xception(images, backbone),
        _ => throw new NotSupportedException($"A model with the encoder {backbone.GetName()} cannot be written as ONNX."),
    };

    /// <summary>Stages of which the first gives the low-level features and the last the high-level ones.</summary>
    private static (string Low, string High) Staged(this GraphBuilder graph, string input, SegmenterBackbone backbone, string first, params string[] others)
    {
        var low = graph.Block(input, backbone.Part<Sequential>(first));
        return (low, graph.Through(low, others.Select(backbone.Part<Sequential>)));
    }

    private static (string Low, string High) Drn(this GraphBuilder graph, string images, SegmenterBackbone backbone)
    {
        var plain = backbone.Pairs();
        var front = plain[..3].Aggregate(images, (features, level) => graph.ConvolveRelu(features, level));
        var (low, dilated) = graph.Staged(front, backbone, "layer3", "layer4", "layer5", "layer6");
        return (low, plain[3..].Aggregate(dilated, (features, level) => graph.ConvolveRelu(features, level)));
    }

    private static (string Low, string High) MobileNet(this GraphBuilder graph, string images, SegmenterBackbone backbone)
    {
        var blocks = backbone.Part<Sequential>("features").children().OfType<InvertedResidual>().ToArray();
        var low = graph.Through(graph.ConvolveRelu6(images, backbone.Pairs()[0]), blocks[..MobileNetBackbone.LowLevelBlocks]);
        return (low, graph.Through(low, blocks[MobileNetBackbone.LowLevelBlocks..]));
    }

    private static (string Low, string High) Xception(this GraphBuilder graph, string images, SegmenterBackbone backbone)
    {
        var pairs = backbone.Pairs();
        var stem = graph.ConvolveRelu(graph.ConvolveRelu(images, pairs[0]), pairs[1]);
        var low = graph.Relu(graph.Block(stem, backbone.Part<XceptionBlock>("block1")));
        var middle = graph.Relu(graph.Through(low, Enumerable.Range(2, XceptionBackbone.LastBlock - 1).Select(number => backbone.Part<XceptionBlock>(FormattableString.Invariant($"block{number}")))));
        return (low, _exit.Aggregate(middle, (features, name) => graph.Relu(graph.Separable(features, backbone.Part<SeparableConvolution>(name)))));
    }
}
