using Mlps.Torch.Weights.Onnx;

namespace Mlps.Torch.Tests.Weights;

/// <summary>The graph of ML.NET's ResNet-18 (basic blocks [2, 2, 2, 3]) in any width, under names that say nothing.</summary>
internal static class OnnxResNetBytes
{
    private static readonly string[] _fields = ["weight", "bias", "running_mean", "running_var"];
    private static readonly int[] Blocks = [2, 2, 2, 3];

    /// <summary>torchvision's name of every tensor with its shape, in the order of the graph.</summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Tensors(long channels)
    {
        var tensors = new List<(string, long[])>();
        Layer("conv1", "bn1", channels, 3, 7);
        var inputs = channels;
        for (var stage = 1; stage <= Blocks.Length; stage++)
        {
            var outputs = channels << (stage - 1);
            for (var block = 0; block < Blocks[stage - 1]; block++)
            {
                if (stage > 1 && block == 0)
                {
                    Layer($"layer{stage}.0.downsample.0", $"layer{stage}.0.downsample.1", outputs, inputs, 1);
                }

                Layer($"layer{stage}.{block}.conv1", $"layer{stage}.{block}.bn1", outputs, inputs, 3);
                Layer($"layer{stage}.{block}.conv2", $"layer{stage}.{block}.bn2", outputs, outputs, 3);
                inputs = outputs;
            }
        }

        return tensors;

        void Layer(string convolution, string norm, long outputs, long from, long size)
        {
            tensors.Add(($"{convolution}.weight", [outputs, from, size, size]));
            tensors.AddRange(_fields.Select(field => ($"{norm}.{field}", new[] { outputs })));
        }
    }

    /// <summary>The model: initializers in reverse order, each under a number as its name, its values procedural by torchvision's name.</summary>
    public static ModelProto Create(long channels)
    {
        var tensors = Tensors(channels);
        var nodes = new List<NodeProto>();
        for (var i = 0; i < tensors.Count; i += 5)
        {
            // Of the graph only what the names depend on: which layer reads which weights, in which order.
            nodes.Add(OnnxBytes.Node("Conv", $"c{i}", i == 0 ? "image" : $"r{i - 5}", $"{i}"));
            nodes.Add(OnnxBytes.Node("BatchNormalization", $"b{i}", [$"c{i}", .. Enumerable.Range(i + 1, 4).Select(number => $"{number}")]));
            nodes.Add(OnnxBytes.Node("Relu", $"r{i}", $"b{i}"));
        }

        return OnnxBytes.Graph(nodes, tensors.Select((tensor, i) => OnnxBytes.Raw($"{i}", tensor.Shape, ProceduralWeights.Values(tensor.Name, tensor.Shape))).Reverse());
    }
}
