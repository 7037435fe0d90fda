namespace Mlps.Torch.Training;

/// <summary>The two trained stages of the method.</summary>
public enum TrainingStage
{
    /// <summary>Stage 1, learnt from patch labels.</summary>
    PatchClassifier,

    /// <summary>Stage 2, learnt from pseudo masks.</summary>
    Segmenter,
}

/// <summary>Where a training run is.</summary>
public sealed record TrainingProgress
{
    /// <summary>The stage that is being trained.</summary>
    public required TrainingStage Stage { get; init; }

    /// <summary>The current epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs in all.</summary>
    public required int Epochs { get; init; }

    /// <summary>Optimisation steps done, over all epochs.</summary>
    public required long Step { get; init; }

    /// <summary>Optimisation steps in all.</summary>
    public required long Steps { get; init; }

    /// <summary>Mean loss over this epoch's steps so far.</summary>
    public required double Loss { get; init; }

    /// <summary>Base learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training patches a second, over this epoch so far.</summary>
    public required double PatchesPerSecond { get; init; }

    /// <summary>Estimated time to the end of the stage, validation included.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>Whether the training patches are still being read, with everything that earlier stages compute for them.</summary>
    /// <remarks>Then <see cref="Step"/> and <see cref="Steps"/> count patches; <see cref="Steps"/> is 0 where their number is not known.</remarks>
    public bool Reading { get; init; }

    /// <summary>Whether this is the report at the end of an epoch, which carries <see cref="Scores"/>.</summary>
    public bool EpochEnded { get; init; }

    /// <summary>
    /// Scores by name, each in [0, 1], at the end of an epoch: <c>exactMatch</c> and <c>labelIoU</c> on the training patches of stage 1, those with the prefix <c>validation.</c> on the
    /// validation set.
    /// </summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();
}
