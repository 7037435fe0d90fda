using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>The three stages as one ML.NET chain, behind stain normalization where it is requested.</summary>
internal static class Chain
{
    /// <summary>Channels that two CPU cores can train.</summary>
    private const double CpuWidth = 0.125;

    private const int PublishedOutputStride = 16;

    public static IEstimator<TransformerChain<GatedSegmenterTransformer>> Create(
        MLContext ml, TissueClasses classes, TrainingSettings settings, IDataView? validation, IProgress<TrainingProgress> progress, CancellationToken stop)
    {
        var onGpu = ml.GpuDeviceId is not null;
        var stages = ml.TissueSegmentation.MultiLayerPseudoSupervision(classes, new MultiLayerPseudoSupervisionOptions
        {
            Recipe = settings.Recipe,
            Layers = settings.Layers,
            Run = new TrainingRunOptions
            {
                ValidationSet = validation,
                ValidationFraction = settings.ValidationFraction,
                CheckpointDirectory = settings.CheckpointDirectory,
                LogDirectory = settings.LogDirectory,
                Progress = progress,
                CancellationToken = stop,
            },
            Classifier = new PatchClassifierOptions
            {
                ImageColumnName = settings.Stains is null ? TissueColumns.Image : TissueColumns.NormalizedImage,
                Width = settings.Width ?? (onGpu ? 1 : CpuWidth),
                InitialWeights = settings.ClassifierWeights,
                InitialHead = !settings.NewHeads,
                Training = TrainingPlan.Classifier(settings),
            },
            Segmenter = new GatedSegmenterOptions
            {
                Architecture = new SegmenterArchitecture
                {
                    Backbone = settings.Backbone ?? (onGpu ? BackboneKind.ResNet : BackboneKind.Compact),
                    OutputStride = settings.OutputStride ?? PublishedOutputStride,
                    Width = settings.SegmenterWidth,
                },
                InitialWeights = settings.SegmenterWeights,
                InitialHead = !settings.NewHeads,
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
}
