using Mlps.Torch;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>The two trainings that a user's settings ask for: the recipe's own, but for what was set.</summary>
internal static class TrainingPlan
{
    public static PatchClassifierTrainingOptions Classifier(TrainingSettings settings)
    {
        var training = settings.Recipe is Recipe.Reference ? PatchClassifierTrainingOptions.Reference
            : settings.IsPretrained ? PatchClassifierTrainingOptions.Pretrained
            : settings.ClassifierWeights is null ? new PatchClassifierTrainingOptions()
            : PatchClassifierTrainingOptions.FineTuning;
        return training with
        {
            Epochs = settings.ClassifierEpochs ?? training.Epochs,
            BatchSize = settings.BatchSize ?? training.BatchSize,
            Optimizer = Optimizer(training.Optimizer, settings, settings.ClassifierRate),
            FreezeBatchNorm = settings.FreezeBatchNorm || training.FreezeBatchNorm,
            Patience = settings.Patience ?? training.Patience,
            Augmentation = training.Augmentation with { StainJitter = settings.StainJitter ?? training.Augmentation.StainJitter },
        };
    }

    public static SegmenterTrainingOptions Segmenter(TrainingSettings settings)
    {
        var training = settings.Recipe is Recipe.Reference ? SegmenterTrainingOptions.Reference
            : settings.IsPretrained ? SegmenterTrainingOptions.Pretrained
            : new SegmenterTrainingOptions();
        var batch = settings.BatchSize ?? training.BatchSize;
        return training with
        {
            Epochs = settings.SegmenterEpochs ?? training.Epochs,
            BatchSize = batch,
            MosaicSide = batch % (training.MosaicSide * training.MosaicSide) == 0 ? training.MosaicSide : 1,
            Optimizer = Optimizer(training.Optimizer, settings, settings.SegmenterRate),
            MaskWeights = settings.MaskWeights ?? training.MaskWeights,
            Loss = settings.Loss ?? training.Loss,
            ClassWeighting = settings.WeighClasses ? ClassWeighting.InverseLogFrequency : training.ClassWeighting,
            FreezeBatchNorm = settings.FreezeBatchNorm || training.FreezeBatchNorm,
            Patience = settings.Patience ?? training.Patience,
            Augmentation = training.Augmentation with { StainJitter = settings.StainJitter ?? training.Augmentation.StainJitter },
        };
    }

    private static OptimizerOptions Optimizer(OptimizerOptions recipe, TrainingSettings settings, double? rate) => recipe with
    {
        LearningRate = rate ?? recipe.LearningRate,
        Decay = settings.Decay ?? recipe.Decay,
        WarmUpEpochs = settings.WarmUpEpochs ?? recipe.WarmUpEpochs,
        WarmUpSteps = settings.WarmUpEpochs is null ? recipe.WarmUpSteps : 0,
        Nesterov = settings.Nesterov || recipe.Nesterov,
    };
}
