using Mlps.Torch.Data;
using Mlps.Torch.Networks;

namespace Mlps.Torch.Training;

/// <summary>How the patch classifier is trained.</summary>
/// <remarks>Defaults: the paper's training, with the known bugs of the published code fixed.</remarks>
public sealed record PatchClassifierTrainingOptions
{
    /// <summary>The published code's training, including its known bugs.</summary>
    public static PatchClassifierTrainingOptions Reference { get; } = new()
    {
        Optimizer = new() { Momentum = 5e-4, HeadFactor = 10 },
        Attention = AttentionSchedule.Reference,
        Quirks = new() { AttentionDivisor = 4 },
        Augmentation = new() { HorizontalFlip = true, VerticalFlip = true },
        FreezeFront = true,
        FreezeBatchNorm = true,
        KeepBest = false,
    };

    /// <summary>The default training for a network whose body was loaded: its new head learns ten times as fast, as published.</summary>
    public static PatchClassifierTrainingOptions FineTuning { get; } = new() { Optimizer = new() { HeadFactor = 10 } };

    /// <summary>The training of a ResNet-18 that starts from ML.NET's pretrained weights: all of it learns, its head ten times as fast.</summary>
    public static PatchClassifierTrainingOptions Pretrained { get; } = new()
    {
        Epochs = 4,
        BatchSize = 16,
        OutputStride = 16,
        EpochsPerValidation = 2,
        Optimizer = new() { LearningRate = 0.003, HeadFactor = 10, WarmUpSteps = 50 },
        Attention = AttentionSchedule.Off,
        Augmentation = new() { HorizontalFlip = true, VerticalFlip = true, QuarterTurns = true, StainJitter = 0.3, MinimumScale = 0.8, MaximumScale = 1.35 },
    };

    /// <summary>Passes over the training patches; at least 1.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Patches a step; at least 1.</summary>
    /// <remarks>A last, incomplete batch of an epoch is dropped.</remarks>
    public int BatchSize { get; init; } = 20;

    /// <summary>Height of a patch over height of its features while the network trains: 8, or 16 or 32 with a ResNet-18.</summary>
    /// <remarks>
    /// Activation maps, validation and predictions have 8 all the same: the same weights, at more places. With 16 a step of a ResNet-18 takes a third of the time.
    /// </remarks>
    public int OutputStride { get; init; } = ClassifierNetwork.OutputStride;

    /// <summary>Learning rates, momentum, weight decay.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>
    /// What convolutions compute with in training, and what is kept of each patch for the backward pass; weights, their updates and the loss stay in 32 bits.
    /// </summary>
    public Precision Precision { get; init; } = Precision.TensorFloat32;

    /// <summary>The course of progressive dropout attention.</summary>
    public AttentionSchedule Attention { get; init; } = new();

    /// <summary>How patches are varied.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { HorizontalFlip = true, VerticalFlip = true, QuarterTurns = true, StainJitter = 0.3 };

    /// <summary>Whether the first convolution and blocks keep their weights; for loaded weights only.</summary>
    public bool FreezeFront { get; init; }

    /// <summary>Whether every BatchNorm keeps its statistics and weights; for loaded weights only.</summary>
    public bool FreezeBatchNorm { get; init; }

    /// <summary>Whether the epoch that scores best on the validation set is kept, rather than the last.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Decay of the averaged weights a step, in [0, 1); 0 trains without them.</summary>
    /// <remarks>
    /// With it, the network that is validated, kept and returned holds a moving average of the weights and of BatchNorm's statistics over about 1/(1 − decay) steps, 1,000 for 0.999 (Polyak and Juditsky 1992;
    /// Tarvainen and Valpola 2017). In step t the decay is at most (1 + t)/(10 + t), so that the first weights are soon forgotten.
    /// </remarks>
    public double WeightAveraging { get; init; }

    /// <summary>Epochs without a better validation score after which training stops; at least 1, or null to train them all.</summary>
    /// <remarks>Needs a validation set.</remarks>
    public int? Patience { get; init; }

    /// <summary>Epochs from one validation to the next; at least 1.</summary>
    /// <remarks>The last epoch is validated in any case. Epochs that are not validated are not kept, unless there is no validation set.</remarks>
    public int EpochsPerValidation { get; init; } = 1;

    /// <summary>Fixes initialisation, shuffling and variation; null for the ML.NET context's seed, or 0 outside of one.</summary>
    public int? Seed { get; init; }

    /// <summary>Known bugs of the published code to reproduce; none by default.</summary>
    public ReferenceQuirks Quirks { get; init; } = new();

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.AtLeast(Epochs, 1);
        Guard.AtLeast(BatchSize, 1);
        Guard.AtLeast(Patience ?? 1, 1, nameof(Patience));
        Guard.AtLeast(EpochsPerValidation, 1);
        ResNet18Layers.CheckStride(OutputStride);
        Guard.Defined(Precision);
        Guard.InRange(WeightAveraging, 0, 1, highestAllowed: false);
        Optimizer.Check();
        Attention.Check();
        Augmentation.Check();
        Quirks.Check();
    }
}
