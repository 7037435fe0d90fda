using Mlps.Torch.Weights.Formats;

namespace Mlps.Torch.Weights;

/// <summary>Finds the layers of a ResNet of basic blocks [2, 2, 2, 3] in an ONNX graph, and gives them torchvision's names.</summary>
/// <remarks>
/// The weights that ML.NET distributes (<see cref="PretrainedWeights"/>) have names of their own, which say little. The graph tells which is which: its convolutions
/// come in the order of the network (in the first block of stages 2 to 4 the projection comes before the block's two others), each is followed by the BatchNorm
/// that reads its output, and the inputs of both operators have a fixed order. Every shape is checked, so another network is never taken for this one.
/// </remarks>
internal static class OnnxResNet18Names
{
    /// <summary>Name of the set of tensors that carries the names of this network.</summary>
    public const string Group = "ResNet-18";

    private const int StemSize = 7;
    private const int BlockSize = 3;
    private const int Colours = 3;

    private static readonly int[] Blocks = [2, 2, 2, 3];

    // Inputs of BatchNormalization after the values.
    private static readonly string[] NormFields = ["weight", "bias", "running_mean", "running_var"];

    /// <summary>The tensors of the network under torchvision's names: <c>conv1.weight</c>, <c>layer2.0.downsample.1.running_var</c>.</summary>
    /// <param name="layers">Convolutions and normalisations of the graph, in its order.</param>
    /// <param name="tensors">The graph's initializers.</param>
    /// <returns>The tensors as a group of their own; null where the graph is of another network.</returns>
    public static WeightGroup? Rename(IReadOnlyList<OnnxLayer> layers, IReadOnlyList<StoredTensor> tensors)
    {
        OnnxLayer[] convolutions = [.. layers.Where(layer => layer.Operator == OnnxLayer.Convolution)];
        var norms = layers.Where(layer => layer.Operator == OnnxLayer.Normalisation && layer.Inputs.Count > 0).ToLookup(layer => layer.Inputs[0]);
        if (convolutions.Length == 0 || convolutions[0].Inputs.Count < 2
            || tensors.FirstOrDefault(tensor => tensor.Entry.Name == convolutions[0].Inputs[1]) is not { Entry.Shape: [var channels, ..] })
        {
            return null;
        }

        Expected[] network = [.. Network(channels)];
        if (convolutions.Length != network.Length)
        {
            return null;
        }

        var stored = tensors.ToDictionary(tensor => tensor.Entry.Name, StringComparer.Ordinal);
        var renamed = new List<StoredTensor>();
        for (var i = 0; i < network.Length; i++)
        {
            OnnxLayer[] norm = [.. norms[convolutions[i].Output]];
            if (convolutions[i].Inputs.Count != 2 || norm is not [{ Inputs.Count: 5 }]
                || !Add(convolutions[i].Inputs[1], $"{network[i].Convolution}.weight", network[i].Shape))
            {
                return null;
            }

            for (var field = 0; field < NormFields.Length; field++)
            {
                if (!Add(norm[0].Inputs[field + 1], $"{network[i].Norm}.{NormFields[field]}", [network[i].Shape[0]]))
                {
                    return null;
                }
            }
        }

        return new WeightGroup([Group], renamed, []);

        bool Add(string source, string name, long[] shape)
        {
            if (!stored.TryGetValue(source, out var tensor) || !tensor.Entry.Shape.SequenceEqual(shape))
            {
                return false;
            }

            renamed.Add(tensor with { Entry = new WeightEntry(name, shape, tensor.Entry.DType) });
            return true;
        }
    }

    /// <summary>The layers in the graph's order, for a stem of so many channels.</summary>
    private static IEnumerable<Expected> Network(long channels)
    {
        yield return new Expected("conv1", "bn1", [channels, Colours, StemSize, StemSize]);
        var inputs = channels;
        for (var stage = 0; stage < Blocks.Length; stage++)
        {
            var outputs = channels << stage;
            for (var block = 0; block < Blocks[stage]; block++)
            {
                var prefix = $"layer{stage + 1}.{block}";
                if (inputs != outputs)
                {
                    yield return new Expected($"{prefix}.downsample.0", $"{prefix}.downsample.1", [outputs, inputs, 1, 1]);
                }

                yield return new Expected($"{prefix}.conv1", $"{prefix}.bn1", [outputs, inputs, BlockSize, BlockSize]);
                yield return new Expected($"{prefix}.conv2", $"{prefix}.bn2", [outputs, outputs, BlockSize, BlockSize]);
                inputs = outputs;
            }
        }
    }

    /// <summary>A convolution with its BatchNorm.</summary>
    private sealed record Expected(string Convolution, string Norm, long[] Shape);
}
