using Mlps.Torch.Training;

namespace Mlps.ML.Tests.Chain;

/// <summary>Keeps every report of a training, in order.</summary>
internal sealed class ProgressList : IProgress<TrainingProgress>
{
    private readonly List<TrainingProgress> _reports = [];

    public IReadOnlyList<TrainingProgress> Reports => _reports;

    public void Report(TrainingProgress value) => _reports.Add(value);

    public void Clear() => _reports.Clear();

    /// <summary>A score at the end of each epoch of a stage that has it.</summary>
    public double[] EpochScores(TrainingStage stage, string score) =>
        [.. _reports.Where(report => report.Stage == stage && report.EpochEnded && report.Scores.ContainsKey(score)).Select(report => report.Scores[score])];
}
