using System.Globalization;

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

    /// <summary>Throws when a value is none that a run has at a step of an epoch, both from 0.</summary>
    /// <exception cref="ArgumentException">A value is outside its range, or contradicts another.</exception>
    public void Check(int epoch, int stepInEpoch, int stepsPerEpoch)
    {
        if (StepsInEpoch != stepInEpoch || Step != ((long)epoch * stepsPerEpoch) + stepInEpoch || Epoch < 0 || (stepInEpoch > 0 && Epoch != epoch) || Epoch > epoch)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Meter is at step {Step}, {StepsInEpoch} of epoch {Epoch}, and the run at {stepInEpoch} of epoch {epoch}, of {stepsPerEpoch} steps each."));
        }

        if (!double.IsFinite(LossSum) || !double.IsFinite(Rate) || !ScoreSums.Values.All(double.IsFinite))
        {
            throw new ArgumentException("A sum or a rate of Meter is not a finite number.");
        }

        if (Ended.Count != epoch || Ended.Any(report => report?.Scores is null || !Enum.IsDefined(report.Stage)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Meter has {Ended.Count} whole reports of the {epoch} epochs that ended."));
        }
    }
}
