using System.Globalization;

namespace Mlps.Torch.Training.Checkpoints;

/// <summary>What a checkpoint holds beside tensors.</summary>
internal sealed record CheckpointContent
{
    /// <summary>Layout that is written: 2 has a sum (<see cref="CheckpointSum"/>) and the number of momentum buffers. Layout 1, without them, is read too; others are refused.</summary>
    public const int CurrentVersion = 2;

    public required int Version { get; init; }

    public required IReadOnlyDictionary<string, string> Fingerprint { get; init; }

    public required int Epoch { get; init; }

    public required int StepInEpoch { get; init; }

    public required int EpochsSinceBest { get; init; }

    public required bool Finished { get; init; }

    /// <summary>Score of the best weights; null before there are any.</summary>
    public required double? BestScore { get; init; }

    public required EpochMeterState Meter { get; init; }

    /// <summary>Parameters that have a momentum; null in layout 1.</summary>
    public int? MomentumBuffers { get; init; }

    /// <summary>Throws when a value is none that a run of so many epochs and steps can have.</summary>
    /// <exception cref="ArgumentException">A value is outside its range, or contradicts another.</exception>
    public void Check(int epochs, int stepsPerEpoch, int? patience)
    {
        Guard.InRange(Epoch, 0, epochs);
        Guard.InRange(StepInEpoch, 0, stepsPerEpoch);
        Guard.InRange(EpochsSinceBest, 0, Epoch);
        if (Fingerprint.Values.Any(value => value is null))
        {
            throw new ArgumentException("A value of Fingerprint is null.");
        }

        if (BestScore is double.NaN or double.PositiveInfinity || (BestScore is null && EpochsSinceBest > 0))
        {
            throw new ArgumentException($"BestScore is {BestScore?.ToString(CultureInfo.InvariantCulture) ?? "null"}.");
        }

        var isOver = Epoch == epochs || EpochsSinceBest >= patience;
        if (Finished != isOver || (Finished && StepInEpoch > 0))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Finished is {Finished} at step {StepInEpoch} of epoch {Epoch} of {epochs}, {EpochsSinceBest} after the best."));
        }

        Meter.Check(Epoch, StepInEpoch, stepsPerEpoch);
    }
}
