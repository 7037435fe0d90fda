using Mlps.Onnx.Export.Graphs;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;

namespace Mlps.Onnx.Export.Networks;

/// <summary>DeepLab v3+.</summary>
internal static class SegmenterGraph
{
    private static readonly string[] _branches = ["aspp1", "aspp2", "aspp3", "aspp4"];

    /// <summary>Logits [N, C, H, W] of normalized images [N, 3, H, W].</summary>
    public static string Segmenter(this GraphBuilder graph, string images, DeepLabV3Plus network)
    {
        var (low, high) = graph.Backbone(images, network.Backbone);
        var pyramid = graph.Pyramid(high, network.Part<AtrousPyramid>("aspp"));
        var logits = graph.Decoder(pyramid, low, network.Part<DeepLabDecoder>("decoder").Pairs(), network.PyramidFactor);
        return graph.Enlarge(logits, network.LogitFactor, images);
    }

    private static string Pyramid(this GraphBuilder graph, string features, AtrousPyramid pyramid)
    {
        var pairs = pyramid.Pairs();
        var branches = _branches.Select(name => graph.ConvolveRelu(features, pyramid.Part<AtrousBranch>(name).Pairs()[0])).ToArray();
        string[] pooled = pairs.Length > 1 ? [graph.SpreadLike(graph.ConvolveRelu(graph.Mean(features), pairs[0]), features)] : [];
        return graph.ConvolveRelu(graph.Concat(1, [.. branches, .. pooled]), pairs[^1]);
    }

    /// <summary>Features at fixed places stay there; others are stretched from border to border.</summary>
    private static string Enlarge(this GraphBuilder graph, string features, int? factor, string other) =>
        factor is { } times ? graph.EnlargeLike(features, times, other) : graph.ResizeLike(features, other);

    private static string Decoder(this GraphBuilder graph, string pyramid, string lowLevel, ConvNorm[] pairs, int? factor)
    {
        var low = graph.ConvolveRelu(lowLevel, pairs[0]);
        var joined = graph.Concat(1, graph.Enlarge(pyramid, factor, low), low);
        return graph.Convolve(graph.ConvolveRelu(graph.ConvolveRelu(joined, pairs[1]), pairs[2]), pairs[3]);
    }
}
