using Mlps.Torch.Data;

namespace Mlps.Torch.Training;

/// <summary>What the training loop needs to know, whichever stage it trains.</summary>
internal sealed record TrainingLoopOptions
{
    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required bool KeepShortBatch { get; init; }

    /// <summary>Patches of a batch that one rank must have together.</summary>
    public int Together { get; init; } = 1;

    public required bool KeepBest { get; init; }

    /// <summary>Epochs without a better score after which training stops; null to train them all.</summary>
    public required int? Patience { get; init; }

    /// <summary>Epochs from one validation to the next; the last epoch is always validated.</summary>
    public required int EpochsPerValidation { get; init; }

    /// <summary>Decay of the averaged weights a step; 0 for none.</summary>
    public required double WeightAveraging { get; init; }

    public required AugmentationOptions Augmentation { get; init; }

    public required long Seed { get; init; }
}
