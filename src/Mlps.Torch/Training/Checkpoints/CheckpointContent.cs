namespace Mlps.Torch.Training.Checkpoints;

/// <summary>What a checkpoint holds beside tensors.</summary>
internal sealed record CheckpointContent
{
    /// <summary>Layout of the file; another one is refused.</summary>
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required IReadOnlyDictionary<string, string> Fingerprint { get; init; }

    public required int Epoch { get; init; }

    public required int StepInEpoch { get; init; }

    public required int EpochsSinceBest { get; init; }

    public required bool Finished { get; init; }

    /// <summary>Score of the best weights; null before there are any.</summary>
    public required double? BestScore { get; init; }

    public required EpochMeterState Meter { get; init; }
}
