namespace Mlps.ML;

/// <summary>Where a training leaves checkpoints and logs.</summary>
/// <param name="CheckpointDirectory">Folder of the checkpoints, or null for none.</param>
/// <param name="CheckpointInterval">Time between checkpoints within an epoch.</param>
/// <param name="LogDirectory">Folder of the logs, or null for none.</param>
internal readonly record struct TrainingKeeping(string? CheckpointDirectory, TimeSpan CheckpointInterval, string? LogDirectory);
