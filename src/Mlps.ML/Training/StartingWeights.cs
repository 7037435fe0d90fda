using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Weights;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Weights to start a training from.</summary>
internal static class StartingWeights
{
    /// <summary>Loads a file into a network; everything must fit, but for a last layer made for other classes, which starts anew.</summary>
    /// <param name="environment">Where the report goes.</param>
    /// <param name="network">The network.</param>
    /// <param name="path">Safetensors, PyTorch or MXNet weights.</param>
    /// <param name="head">Name of the last layer in the network.</param>
    /// <exception cref="WeightFileException">The file is damaged or not supported.</exception>
    /// <exception cref="WeightMismatchException">The file is for another network.</exception>
    public static void Load(IHostEnvironment environment, nn.Module network, string path, string head)
    {
        using var file = WeightFile.Open(path);
        var shapes = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.shape);
        var headFits = file.Entries.Any(entry => entry.Name.EndsWith(head + ".weight", StringComparison.Ordinal) && entry.Shape.SequenceEqual(shapes[head + ".weight"]));
        var report = network.LoadWeights(file, headFits ? WeightLoadOptions.Strict : WeightLoadOptions.Strict with { Exclude = [head] });
        environment.Info("InitialWeights", $"{path}: {report.Matched.Count} tensors loaded{(headFits ? string.Empty : $"; '{head}' starts anew, as the file has none for these classes")}.");
    }
}
