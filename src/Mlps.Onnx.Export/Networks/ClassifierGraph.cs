using Mlps.Onnx.Export.Graphs;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static Mlps.Onnx.Export.Graphs.GraphBuilder;

namespace Mlps.Onnx.Export.Networks;

/// <summary>The patch classifiers.</summary>
internal static class ClassifierGraph
{
    private static readonly string[] _blocks38 = ["b2", "b2_1", "b2_2", "b3", "b3_1", "b3_2", "b4", "b4_1", "b4_2", "b4_3", "b4_4", "b4_5", "b5", "b5_1", "b5_2", "b6", "b7"];
    private static readonly string[] _stages18 = ["layer1", "layer2", "layer3", "layer4"];

    /// <summary>Logits [N, C] of normalized images [N, 3, H, W].</summary>
    /// <exception cref="NotSupportedException">The network is of a kind that is not known here.</exception>
    public static string Classifier(this GraphBuilder graph, string images, ClassifierNetwork network)
    {
        var features = network switch
        {
            ResNet38 => graph.Features38(images, network),
            ResNet18 => graph.Through(graph.Front18(images, network), _stages18.Select(network.Part<Sequential>)),
            _ => throw new NotSupportedException($"A model with the classifier {network.Encoder} cannot be written as ONNX; those with ResNet38 and ResNet18 can."),
        };
        return graph.Node("Flatten", [graph.Convolve(graph.Mean(features), new ConvNorm(network.Head))], Number("axis", 1));
    }

    /// <summary>Stem and pool of a ResNet-18, which the backbone has too.</summary>
    public static string Front18(this GraphBuilder graph, string images, torch.nn.Module network) => graph.MaxPool(graph.Relu(graph.ConvolveStrided(images, network.Pairs()[0])));

    private static string Features38(this GraphBuilder graph, string images, ClassifierNetwork network)
    {
        var stem = graph.Convolve(images, new ConvNorm(network.Part<Conv2d>("conv1a")));
        return graph.Activate(graph.Through(stem, _blocks38.Select(network.Part<torch.nn.Module>)), network.Part<BatchNorm2d>("bn7"));
    }
}
