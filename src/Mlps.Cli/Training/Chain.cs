using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>The three stages as one ML.NET chain, behind stain normalization where it is requested.</summary>
internal static class Chain
{
    /// <summary>Channels that two CPU cores can train.</summary>
    private const double CpuWidth = 0.125;

    public static IEstimator<TransformerChain<GatedSegmenterTransformer>> Create(
        MLContext ml, TissueDataset dataset, TrainingSettings settings, IDataView? validation, RankGroup? ranks, IProgress<TrainingProgress> progress, CancellationToken stop)
    {
        var start = Start(ml, settings);
        var stages = ml.TissueSegmentation.MultiLayerPseudoSupervision(dataset.Classes, start with
        {
            Recipe = settings.Recipe,
            Layers = settings.Layers,
            Run = new TrainingRunOptions
            {
                ValidationSet = validation,
                ValidationFraction = settings.ValidationFraction,
                CheckpointDirectory = settings.CheckpointDirectory,
                LogDirectory = settings.LogDirectory,
                Ranks = ranks,
                Progress = progress,
                CancellationToken = stop,
            },
            Classifier = start.Classifier with
            {
                ImageColumnName = settings.Stains is null ? TissueColumns.Image : TissueColumns.NormalizedImage,
                Training = TrainingPlan.Classifier(settings),
            },
            Segmenter = start.Segmenter with
            {
                Architecture = start.Segmenter.Architecture with { OutputStride = settings.OutputStride ?? start.Segmenter.Architecture.OutputStride, Width = settings.SegmenterWidth },
                MicronsPerPixel = dataset.MicronsPerPixel,
                Training = TrainingPlan.Segmenter(settings),
                Segmentation = new SegmentationOptions { Views = settings.Views },
                CalibrateGate = settings.Recipe is Recipe.Default,
            },
        });

        // Pictures show the image as it was, so normalized images get a column of their own.
        return settings.Stains is { } method
            ? new StainedChain(ml.TissueSegmentation.NormalizeStains(TissueColumns.NormalizedImage, options: new() { Method = method, ReferencePath = settings.StainReference }), stages)
            : stages;
    }

    /// <summary>Bytes of the weights that a model of these settings will have.</summary>
    public static long WeightBytes(MLContext ml, int classCount, TrainingSettings settings)
    {
        var start = Start(ml, settings);
        using var classifier = WeightMemory.Without(() => ClassifierNetwork.ToLoad(start.Classifier.Encoder, classCount, start.Classifier.Width));
        using var segmenter = WeightMemory.Without(() => DeepLabV3Plus.ToLoad(classCount, start.Segmenter.Architecture with { Width = settings.SegmenterWidth }));
        return classifier.state_dict().Concat(segmenter.state_dict()).Sum(weight => weight.Value.numel() * weight.Value.element_size());
    }

    /// <summary>The networks and masks that the settings start from.</summary>
    public static MultiLayerPseudoSupervisionOptions Start(MLContext ml, TrainingSettings settings) =>
        settings.IsPretrained ? Pretrained(settings.MaskWeights) : NetworksFor(settings, onGpu: ml.GpuDeviceId is not null);

    /// <summary>The pretrained start; with weights for several masks, a mask of each layer.</summary>
    private static MultiLayerPseudoSupervisionOptions Pretrained(IReadOnlyList<double>? maskWeights)
    {
        var options = MultiLayerPseudoSupervisionOptions.Pretrained;
        return maskWeights is { Count: > 1 } ? options with { PseudoMasks = options.PseudoMasks with { FuseLayers = false } } : options;
    }

    /// <summary>The published networks where there is a GPU, networks that two cores can train elsewhere, with random weights or the files given.</summary>
    private static MultiLayerPseudoSupervisionOptions NetworksFor(TrainingSettings settings, bool onGpu) => new()
    {
        Classifier = new PatchClassifierOptions
        {
            Width = settings.Width ?? (onGpu ? 1 : CpuWidth),
            InitialWeights = settings.ClassifierWeights,
            InitialHead = !settings.NewHeads,
        },
        Segmenter = new GatedSegmenterOptions
        {
            Architecture = new SegmenterArchitecture { Backbone = settings.Backbone ?? (onGpu ? BackboneKind.ResNet : BackboneKind.Compact) },
            InitialWeights = settings.SegmenterWeights,
            InitialHead = !settings.NewHeads,
        },
    };
}
