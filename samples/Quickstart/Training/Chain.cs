using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.Networks.Backbones;
using Mlps.Torch.Training;

namespace Mlps.Quickstart.Training;

/// <summary>The three stages as one ML.NET chain.</summary>
internal static class Chain
{
    /// <summary>Channels that two CPU cores can train.</summary>
    private const double CpuWidth = 0.125;

    public static IEstimator<TransformerChain<GatedSegmenterTransformer>> Create(
        MLContext ml, TissueClasses classes, TrainingSettings settings, IDataView? validation, IProgress<TrainingProgress> progress, CancellationToken stop)
    {
        var onGpu = ml.GpuDeviceId is not null;
        return ml.TissueSegmentation
            .PatchClassifier(classes, new PatchClassifierOptions
            {
                Recipe = settings.Recipe,
                Width = settings.Width ?? (onGpu ? 1 : CpuWidth),
                Training = ClassifierTraining(settings),
                ValidationSet = validation,
                Progress = progress,
                CancellationToken = stop,
            })
            .Append(ml.TissueSegmentation.PseudoMasks(classes, new PseudoMasksOptions { Recipe = settings.Recipe }))
            .Append(ml.TissueSegmentation.GatedSegmenter(classes, new GatedSegmenterOptions
            {
                Recipe = settings.Recipe,
                Architecture = new SegmenterArchitecture
                {
                    Backbone = settings.Backbone ?? (onGpu ? BackboneKind.ResNet : BackboneKind.Compact),
                    Width = settings.SegmenterWidth,
                },
                Training = SegmenterTraining(settings),
                ValidationSet = validation,
                CalibrateGate = settings.Recipe is Recipe.Default,
                Progress = progress,
                CancellationToken = stop,
            }));
    }

    private static PatchClassifierTrainingOptions ClassifierTraining(TrainingSettings settings)
    {
        var training = settings.Recipe is Recipe.Reference ? PatchClassifierTrainingOptions.Reference : new PatchClassifierTrainingOptions();
        return training with { Epochs = settings.ClassifierEpochs ?? training.Epochs, BatchSize = settings.BatchSize ?? training.BatchSize };
    }

    private static SegmenterTrainingOptions SegmenterTraining(TrainingSettings settings)
    {
        var training = settings.Recipe is Recipe.Reference ? SegmenterTrainingOptions.Reference : new SegmenterTrainingOptions();
        return training with { Epochs = settings.SegmenterEpochs ?? training.Epochs, BatchSize = settings.BatchSize ?? training.BatchSize };
    }
}
