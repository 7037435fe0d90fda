using Mlps.Torch.Weights;
using static TorchSharp.torch;

namespace Mlps.ML.Stages;

/// <summary>Networks' weights as parts of a model file, in safetensors.</summary>
internal static class NetworkStreams
{
    /// <summary>Name of the part.</summary>
    public const string Part = "weights.safetensors";

    public static void Save(nn.Module network, Stream stream) =>
        SafetensorsWriter.Write(stream, network.state_dict().Select(entry => (entry.Key, entry.Value)));

    public static WeightLoadReport Load(nn.Module network, Stream stream)
    {
        using var file = WeightFile.Read(stream, Part);
        return network.LoadWeights(file, WeightLoadOptions.Strict with { Prefix = string.Empty });
    }
}
