using Mlps.Torch.Data;
using Mlps.Torch.Training;

namespace Mlps.Torch.Tests.Training;

/// <summary>A training loop without augmentation, best weights, averages or an early end.</summary>
internal static class PlainLoop
{
    public static TrainingLoopOptions Of(int epochs, int batchSize, long seed) => new()
    {
        Epochs = epochs,
        BatchSize = batchSize,
        KeepShortBatch = false,
        KeepBest = false,
        Patience = null,
        EpochsPerValidation = 1,
        WeightAveraging = 0,
        Augmentation = AugmentationOptions.None,
        Seed = seed,
    };
}
