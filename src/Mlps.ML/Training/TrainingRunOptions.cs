using Microsoft.ML;
using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training;

namespace Mlps.ML;

/// <summary>What a training run is validated on, what it keeps on disk, who is told of it and what stops it.</summary>
/// <remarks>One record serves both trained stages.</remarks>
public sealed record TrainingRunOptions
{
    /// <summary>A table to choose the best epoch by; null to keep the last.</summary>
    /// <remarks>
    /// With a column Mask, the classifier's epochs are scored by the pseudo masks on windows of the training patches' size, the segmenter's by masks; with a column Label, the
    /// classifier's by the label sets, the segmenter's by the last pseudo mask, as no truth is known. By either the segmenter also chooses how to predict. Steps of ML.NET before the
    /// stages, such as loading and resizing images, are applied to its images too, and the columns of earlier stages are made for it.
    /// </remarks>
    public IDataView? ValidationSet { get; init; }

    /// <summary>Without a validation set: the share of the training patches, in [0, 1), that is held out to choose the best epoch by.</summary>
    /// <remarks>
    /// The classifier's epochs are scored by the labels, the segmenter's by the last pseudo mask, as no truth is known. Whole sources are held out, by the table's column Source;
    /// the same ones in both stages.
    /// </remarks>
    public double ValidationFraction { get; init; }

    /// <summary>Folder that keeps the run while it goes on; null to keep nothing.</summary>
    /// <remarks>
    /// A run that was stopped or killed, started again with the same options and data, continues from there and ends with the same result. A finished one is not run again.
    /// </remarks>
    public string? CheckpointDirectory { get; init; }

    /// <summary>Time between checkpoints within an epoch; there is one at the end of each epoch in any case; above 0.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Folder for a JSON-lines file of every step and for TensorBoard's event files, or null for none.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>Told after every step and epoch, or null.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training after the current step; the checkpoint then holds it.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The processes that train together, each on its share of every batch, such as <see cref="MpiRanks.Join"/>; null to train alone.</summary>
    /// <remarks>
    /// All of them fit the same estimator, with the same options and data: that is checked. The result is that of training alone, but for rounding. The batch size is that of all ranks together, and must be a
    /// multiple of their number. BatchNorm normalises by the statistics of the whole batch, unless FreezeBatchNorm is set. Rank 0 alone writes checkpoints and logs; all of them read the checkpoint and return the same transformer.
    /// </remarks>
    public RankGroup? Ranks { get; init; }

    /// <summary>Whether this process writes checkpoints and logs.</summary>
    internal bool Writes => Ranks is null or { IsFirst: true };

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.Validation(ValidationSet, ValidationFraction);
        Guard.Positive(CheckpointInterval.TotalSeconds, nameof(CheckpointInterval));
    }
}
