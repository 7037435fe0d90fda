namespace Mlps.Torch.Training;

/// <summary>What an <see cref="EpochMeter"/> has counted so far.</summary>
internal sealed record EpochMeterState
{
    public required int Epoch { get; init; }

    public required int StepsInEpoch { get; init; }

    public required long Step { get; init; }

    public required double LossSum { get; init; }

    public required double Rate { get; init; }

    public required Dictionary<string, double> ScoreSums { get; init; }

    /// <summary>The reports of the epochs that have ended.</summary>
    public required IReadOnlyList<TrainingProgress> Ended { get; init; }
}
