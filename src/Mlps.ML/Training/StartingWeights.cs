using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Networks;
using Mlps.Torch.Weights;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Weights to start a training from. Everything must fit, but for a last layer made for other classes, which starts anew.</summary>
internal static class StartingWeights
{
    private const string BackbonePrefix = "backbone.";

    /// <summary>Second names of MobileNet's layers in published checkpoints.</summary>
    private static readonly string[] SecondNames = ["low_level_features.", "high_level_features."];

    /// <summary>Last layers of networks that were trained on ImageNet.</summary>
    private static readonly string[] ImageNetHeads = ["fc.", "classifier.", "last_linear."];

    /// <summary>Loads a file into a patch classifier.</summary>
    /// <param name="environment">Where the report goes.</param>
    /// <param name="network">The network.</param>
    /// <param name="path">Safetensors, PyTorch or MXNet weights.</param>
    /// <param name="withHead">Whether the last layer is loaded too, where it fits.</param>
    /// <exception cref="WeightFileException">The file is damaged or not supported.</exception>
    /// <exception cref="WeightMismatchException">The file is for another network.</exception>
    public static void OfClassifier(IHostEnvironment environment, ResNet38 network, string path, bool withHead)
    {
        using var file = WeightFile.Open(path);
        Load(environment, network, file, path, "fc8", withHead, WeightLoadOptions.Strict);
    }

    /// <summary>Loads a file into a segmenter: one of the whole network, or one of its backbone alone, as ImageNet's are.</summary>
    /// <inheritdoc cref="OfClassifier"/>
    public static void OfSegmenter(IHostEnvironment environment, DeepLabV3Plus network, string path, bool withHead)
    {
        using var file = WeightFile.Open(path);
        if (file.Entries.Any(entry => entry.Name.Contains(BackbonePrefix, StringComparison.Ordinal)))
        {
            Load(environment, network, file, path, "decoder.last_conv.8", withHead, WeightLoadOptions.Strict with
            {
                MapName = name => name.StartsWith(BackbonePrefix, StringComparison.Ordinal) && StartsWithAny(name[BackbonePrefix.Length..], SecondNames) ? null : name,
            });
            return;
        }

        var report = network.Backbone.LoadWeights(file, WeightLoadOptions.Strict with { MapName = name => StartsWithAny(name, ImageNetHeads) ? null : name });
        environment.Info("InitialWeights", $"{path}: {report.Matched.Count} tensors loaded into the backbone; pyramid and decoder start anew.");
    }

    private static void Load(IHostEnvironment environment, nn.Module network, WeightFile file, string path, string head, bool withHead, WeightLoadOptions options)
    {
        var shape = network.state_dict()[head + ".weight"].shape;
        var fits = file.Entries.Any(entry => entry.Name.EndsWith(head + ".weight", StringComparison.Ordinal) && entry.Shape.SequenceEqual(shape));
        var report = network.LoadWeights(file, withHead && fits ? options : options with { Exclude = [head] });
        var anew = !withHead ? $"; '{head}' starts anew, as asked" : fits ? string.Empty : $"; '{head}' starts anew, as the file has none for these classes";
        environment.Info("InitialWeights", $"{path}: {report.Matched.Count} tensors loaded{anew}.");
    }

    private static bool StartsWithAny(string name, string[] prefixes) => Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
