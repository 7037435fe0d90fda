using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML;
using Mlps.ML;
using Mlps.Onnx.Export.Graphs;
using Mlps.Onnx.Export.Networks;
using Mlps.Onnx.Export.Quantization;
using Mlps.Onnx.Model;
using Mlps.Torch;
using Mlps.Torch.Runtime;
using Mlps.Torch.Weights.Onnx;
using DataType = Mlps.Torch.Weights.Onnx.TensorProto.Types.DataType;

namespace Mlps.Onnx.Export;

/// <summary>Writes trained models as ONNX.</summary>
public static class OnnxExport
{
    /// <summary>The input: images [N, 3, H, W], red, green and blue from 0 to 255.</summary>
    public const string ImageName = OnnxProperties.Image;

    /// <summary>Output [N, C]: the probability of each tissue in the whole image.</summary>
    public const string ProbabilityName = "probability";

    /// <summary>Output [N, C, H, W]: the probability of each tissue at each pixel, after the gate.</summary>
    public const string PixelProbabilityName = OnnxProperties.PixelProbability;

    /// <summary>Output [N, H, W] of bytes: the tissue of each pixel, after the gate.</summary>
    public const string MaskName = "mask";

    /// <summary>Output [N, H, W], where it was requested: the uncertainty of each pixel from 0 to 1.</summary>
    public const string UncertaintyName = "uncertainty";

    private const long OperatorSet = 17;

    /// <summary>The version of the format that came with the operator set.</summary>
    private const long FormatVersion = 8;

    /// <summary>Writes classifier, gate and segmenter of a trained model as one ONNX graph; the file is complete or absent.</summary>
    /// <remarks>
    /// <para>The graph computes in 32 bits, unless <see cref="OnnxExportOptions.CalibrationImages"/> are given, and in one pass over each image: <see cref="GateMode.Windows"/> becomes a gate of the whole image, which is the same for images of the patches' size.</para>
    /// <para>Views, windows and the marking of background stay with the library.</para>
    /// </remarks>
    /// <param name="catalog"><c>ml.TissueSegmentation</c>.</param>
    /// <param name="model">A trained chain with a patch classifier and a segmenter.</param>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">A stage is missing or cannot be part of a graph, or an option is outside its range.</exception>
    /// <exception cref="TissueDataException">A calibration image cannot be read, or there is none.</exception>
    /// <exception cref="IOException">The file cannot be written; an existing one is unchanged.</exception>
    /// <exception cref="NotSupportedException">The model has a network that export does not know.</exception>
    /// <exception cref="ObjectDisposedException">The classifier or the segmenter was disposed.</exception>
    public static void ExportOnnx(this TissueSegmentationCatalog catalog, ITransformer model, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        options.Check();
        var (classifier, segmenter) = FindStages(model);
        try
        {
            var graph = classifier.WhileAlive(() => segmenter.WhileAlive(() => Create(classifier, segmenter, options)));
            AtomicFile.Write(path, graph.WriteTo);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The ONNX model cannot be written to '{path}': {exception.Message}", exception);
        }
    }

    private static (PatchClassifierTransformer Classifier, GatedSegmenterTransformer Segmenter) FindStages(ITransformer model)
    {
        ITransformer[] stages = [.. Flat(model)];
        if (stages.OfType<StainNormalizationTransformer>().Any())
        {
            throw new ArgumentException("The model normalizes stains, which a graph cannot; export the stages after it, and normalize images before scoring.", nameof(model));
        }

        var classifier = stages.OfType<PatchClassifierTransformer>().LastOrDefault() ?? throw Missing("patch classifier");
        var segmenter = stages.OfType<GatedSegmenterTransformer>().LastOrDefault() ?? throw Missing("segmenter");
        return classifier.Classes.Names.SequenceEqual(segmenter.Classes.Names)
            ? (classifier, segmenter)
            : throw new ArgumentException($"The classifier's tissues ({classifier.Classes}) are not the segmenter's ({segmenter.Classes}).", nameof(model));

        ArgumentException Missing(string stage) => new($"The model has no {stage}; export needs the trained chain of a patch classifier and a segmenter.", nameof(model));
    }

    /// <summary>The transformers of a chain and of the chains in it.</summary>
    private static IEnumerable<ITransformer> Flat(ITransformer transformer) => transformer is IEnumerable<ITransformer> several ? several.SelectMany(Flat) : [transformer];

    private static ModelProto Create(PatchClassifierTransformer classifier, GatedSegmenterTransformer segmenter, OnnxExportOptions options)
    {
        using var state = ComputeScope.ForPrediction();
        var graph = new GraphBuilder();
        var (patchHeight, patchWidth) = segmenter.Segmenter.PatchSize;
        var count = segmenter.Classes.Count;
        object number = options.Dynamic ? "N" : 1, height = options.Dynamic ? "H" : options.Height ?? patchHeight, width = options.Dynamic ? "W" : options.Width ?? patchWidth;

        var images = options.Input is OnnxInput.Bytes
            ? graph.Cast(graph.Input(ImageName, DataType.Uint8, number, 3, height, width), DataType.Float)
            : graph.Input(ImageName, DataType.Float, number, 3, height, width);
        var (seenByClassifier, seenBySegmenter) = (classifier.Classifier.Normalization, segmenter.Segmenter.Normalization);
        var classified = graph.Normalize(images, seenByClassifier);
        var segmented = seenBySegmenter == seenByClassifier ? classified : graph.Normalize(images, seenBySegmenter);

        var presence = graph.Named(OnnxProperties.PresenceLogits, graph.Classifier(classified, classifier.Classifier.Network));
        var probabilities = graph.Presence(presence, classifier.PresenceThresholds);
        var logits = graph.Named(OnnxProperties.Logits, graph.Segmenter(segmented, segmenter.Segmenter.Network));
        if (segmenter.Segmentation.Gate is not GateMode.None)
        {
            logits = graph.Gate(logits, probabilities, segmenter.Segmentation, count);
        }

        var pixels = graph.Softmax(logits);
        graph.Output(ProbabilityName, probabilities, DataType.Float, number, count);
        graph.Output(PixelProbabilityName, pixels, DataType.Float, number, count, height, width);
        graph.Output(MaskName, graph.Cast(graph.Argmax(logits, keepsChannel: false), DataType.Uint8), DataType.Uint8, number, height, width);
        if (options.Uncertainty)
        {
            graph.Output(UncertaintyName, graph.Entropy(pixels, count), DataType.Float, number, height, width);
        }

        if (options.CalibrationImages is { } calibration)
        {
            QuantizedGraph.Write(graph.Graph, Calibration.Measure(graph.Graph, new FeatureMaps(graph.Graph).Names, calibration, (patchHeight, patchWidth)));
        }

        var version = typeof(OnnxExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? string.Empty;
        return new ModelProto
        {
            IrVersion = FormatVersion,
            ProducerName = "Mlps",
            ProducerVersion = version,
            Graph = graph.Graph,
            OpsetImport = { new OperatorSetIdProto { Version = OperatorSet } },
            MetadataProps = { Metadata(classifier, segmenter, graph.Graph, version, options.CalibrationImages is null ? "Full" : "Int8").Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value }) },
        };
    }

    private static Dictionary<string, string> Metadata(PatchClassifierTransformer classifier, GatedSegmenterTransformer segmenter, GraphProto graph, string version, string precision)
    {
        var (classes, segmentation) = (segmenter.Classes, segmenter.Segmentation);
        var metadata = new Dictionary<string, string>
        {
            [OnnxProperties.Format] = Text(OnnxProperties.CurrentFormat),
            [OnnxProperties.Version] = version,
            [OnnxProperties.Classes] = classes.ToJson(),
            [OnnxProperties.ClassNames] = JsonSerializer.Serialize([.. classes.Names], TextJson.Default.StringArray),
            [OnnxProperties.ClassColors] = JsonSerializer.Serialize([.. classes.Palette.Select(color => $"{color}")], TextJson.Default.StringArray),
            [OnnxProperties.Classifier] = $"{classifier.Classifier.Network.Encoder}",
            [OnnxProperties.Segmenter] = $"{segmenter.Segmenter.Network.Architecture.Backbone}",
            [OnnxProperties.PatchSize] = Size(segmenter.Segmenter.PatchSize),
            [OnnxProperties.Recipe] = $"{segmentation.Recipe}",
            [OnnxProperties.GraphGate] = segmentation.Gate is GateMode.None ? nameof(GateMode.None) : nameof(GateMode.Whole),
            [OnnxProperties.Gate] = $"{segmentation.Gate}",
            [OnnxProperties.GateThreshold] = Text(segmentation.GateThreshold),
            [OnnxProperties.GateOverlap] = classifier.OverlapsGateWindows ? "true" : "false",
            [OnnxProperties.GatePatchSize] = Size(classifier.Classifier.PatchSize),
            [OnnxProperties.PresenceThresholds] = $"[{string.Join(", ", classifier.PresenceThresholds.Select(Text))}]",
            [OnnxProperties.Prediction] = $"{segmentation.Prediction}",
            [OnnxProperties.Views] = Text(segmentation.Views),
            [OnnxProperties.Blending] = $"{segmentation.Blending}",
            [OnnxProperties.Uncertainty] = $"{segmentation.Uncertainty}",
            [OnnxProperties.Precision] = precision,
            [OnnxProperties.WeightSum] = WeightSum.Of(graph),
        };
        if (segmenter.MicronsPerPixel is { } size)
        {
            metadata[OnnxProperties.MicronsPerPixel] = Text(size);
        }

        if (segmentation.Background is { } background)
        {
            metadata[OnnxProperties.BackgroundGrey] = Text(background.GreyThreshold);
            metadata[OnnxProperties.BackgroundRegion] = Text(background.MinimumRegion);
        }

        return metadata;
    }

    private static string Size((int Height, int Width) size) => FormattableString.Invariant($"{size.Height}x{size.Width}");

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
