using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Weights;
using static TorchSharp.torch;

namespace Mlps.ML;

/// <summary>Weights to start a training from.</summary>
/// <remarks>Everything must fit, but for a last layer made for other classes, which starts anew.</remarks>
internal static class StartingWeights
{
    /// <summary>Second names of MobileNet's layers in published checkpoints.</summary>
    private static readonly string[] SecondNames = ["backbone.low_level_features", "backbone.high_level_features"];

    /// <summary>Last layers of networks that were trained on ImageNet.</summary>
    private static readonly string[] ImageNetHeads = ["fc", "classifier", "last_linear"];

    /// <summary>Loads a file into a patch classifier.</summary>
    /// <param name="environment">Where the report goes.</param>
    /// <param name="network">The network.</param>
    /// <param name="path">Safetensors, PyTorch, MXNet or ONNX weights.</param>
    /// <param name="withHead">Whether the last layer is loaded too, where it fits.</param>
    /// <exception cref="WeightFileException">The file is damaged or not supported.</exception>
    /// <exception cref="WeightMismatchException">The file is for another network.</exception>
    /// <param name="normalization">What the network will see.</param>
    public static void OfClassifier(IHostEnvironment environment, ClassifierNetwork network, string path, bool withHead, Normalization normalization)
    {
        using var file = WeightFile.Open(path);
        CheckNormalization(environment, file, path, normalization);
        var options = file.Format == WeightFileFormat.MxNetParams && file.Entries.Any(entry => entry.Name.EndsWith("_branch2a_weight", StringComparison.Ordinal))
            ? WeightLoadOptions.Strict with { MapName = MxNetResNet38Names.Map }
            : WeightLoadOptions.Strict;
        Load(environment, network, file, path, network.HeadName, withHead, options);
    }

    /// <summary>Loads a file into a segmenter: one of the whole network, or one of its backbone alone, as ImageNet's are.</summary>
    /// <inheritdoc cref="OfClassifier"/>
    public static void OfSegmenter(IHostEnvironment environment, DeepLabV3Plus network, string path, bool withHead, Normalization normalization)
    {
        using var file = WeightFile.Open(path);
        CheckNormalization(environment, file, path, normalization);
        const string Encoder = "backbone";
        var whole = WeightLoadOptions.Strict with { Ignore = SecondNames };
        var encoder = WeightLoadOptions.Strict with { Ignore = ImageNetHeads };
        if (network.CompareWeights(file, whole).Matched.Any(name => !name.StartsWith(Encoder + ".", StringComparison.Ordinal))
            || network.Backbone.CompareWeights(file, encoder).Matched.Count == 0)
        {
            Load(environment, network, file, path, "decoder.last_conv.8", withHead, whole);
            return;
        }

        var report = network.Backbone.LoadWeights(file, encoder);
        environment.Info("InitialWeights", $"{path}: into the backbone, {report.Describe()}; pyramid and decoder start anew.");
    }

    /// <summary>Warns where the weights of ML.NET's image featurizer, the only network in ONNX files that is known here, would see other intensities than they learnt from.</summary>
    private static void CheckNormalization(IHostEnvironment environment, WeightFile file, string path, Normalization normalization)
    {
        if (file.Format is WeightFileFormat.Onnx && normalization is not Normalization.BlueGreenRed)
        {
            environment.Warning(
                "InitialWeights",
                $"{path}: ML.NET's ResNet-18 learnt from intensities normalised by {nameof(Normalization)}.{nameof(Normalization.BlueGreenRed)}; {nameof(Normalization)} is {normalization}. Its weights are worth little so: set the option.");
        }
    }

    private static void Load(IHostEnvironment environment, nn.Module network, WeightFile file, string path, string head, bool withHead, WeightLoadOptions options)
    {
        var fits = network.CompareWeights(file, options).Matched.Contains(head + ".weight");
        var report = network.LoadWeights(file, withHead && fits ? options : options with { Exclude = [head] });
        var anew = !withHead ? $"; '{head}' starts anew, as asked" : fits ? string.Empty : $"; '{head}' starts anew, as the file has none for these classes";
        environment.Info("InitialWeights", $"{path}: {report.Describe()}{anew}.");
    }
}
