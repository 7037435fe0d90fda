using System.Diagnostics;

namespace Mlps.Torch.Training;

/// <summary>Turns steps into progress reports: mean loss, speed, time left.</summary>
internal sealed class EpochMeter(TrainingStage stage, int epochs, long steps, IProgress<TrainingProgress>? progress)
{
    private readonly Stopwatch _run = Stopwatch.StartNew();
    private readonly Stopwatch _epochClock = new();
    private readonly Dictionary<string, double> _scoreSums = [];
    private readonly List<TrainingProgress> _ended = [];
    private int _epoch;
    private int _stepsInEpoch;
    private long _step;
    private long _patches;
    private double _lossSum;
    private double _rate;
    private long _restoredStep;
    private bool _isRestored;

    /// <summary>Steps done over all epochs.</summary>
    public long Step => _step;

    /// <summary>Begins an epoch, or goes on with the one that was restored.</summary>
    public void StartEpoch(int epoch)
    {
        _epochClock.Restart();
        _patches = 0;
        if (_isRestored)
        {
            _isRestored = false;
            return;
        }

        (_epoch, _stepsInEpoch, _lossSum) = (epoch, 0, 0);
        _scoreSums.Clear();
    }

    /// <summary>Counts a step; <paramref name="scores"/> are means over the batch.</summary>
    public void Add(int patches, double loss, double rate, params (string Name, double Value)[] scores)
    {
        _step++;
        _stepsInEpoch++;
        _patches += patches;
        _lossSum += loss;
        _rate = rate;
        foreach (var (name, value) in scores)
        {
            _scoreSums[name] = _scoreSums.GetValueOrDefault(name) + value;
        }

        progress?.Report(Report(ended: false, []));
    }

    public void EndEpoch(IReadOnlyDictionary<string, double> validation)
    {
        var scores = _scoreSums.ToDictionary(score => score.Key, score => score.Value / Math.Max(1, _stepsInEpoch));
        foreach (var (name, value) in validation)
        {
            scores["validation." + name] = value;
        }

        var report = Report(ended: true, scores);
        _ended.Add(report);
        _stepsInEpoch = 0;
        progress?.Report(report);
    }

    /// <summary>What must be kept for the run to go on as if it had not been stopped.</summary>
    public EpochMeterState Snapshot() => new()
    {
        Epoch = _epoch,
        StepsInEpoch = _stepsInEpoch,
        Step = _step,
        LossSum = _lossSum,
        Rate = _rate,
        ScoreSums = new(_scoreSums),
        Ended = [.. _ended],
    };

    /// <summary>Goes on from a snapshot, and reports the epochs that had ended once more.</summary>
    public void Restore(EpochMeterState state)
    {
        (_epoch, _stepsInEpoch, _step, _lossSum, _rate, _restoredStep) = (state.Epoch, state.StepsInEpoch, state.Step, state.LossSum, state.Rate, state.Step);
        _isRestored = _stepsInEpoch > 0;
        foreach (var (name, sum) in state.ScoreSums)
        {
            _scoreSums[name] = sum;
        }

        foreach (var report in state.Ended)
        {
            _ended.Add(report);
            progress?.Report(report);
        }
    }

    private TrainingProgress Report(bool ended, Dictionary<string, double> scores) => new()
    {
        Stage = stage,
        Epoch = _epoch + 1,
        Epochs = epochs,
        Step = _step,
        Steps = steps,
        Loss = _lossSum / Math.Max(1, _stepsInEpoch),
        LearningRate = _rate,
        PatchesPerSecond = _patches / Math.Max(1e-9, _epochClock.Elapsed.TotalSeconds),
        Remaining = TimeSpan.FromSeconds(_run.Elapsed.TotalSeconds / Math.Max(1, _step - _restoredStep) * (steps - _step)),
        EpochEnded = ended,
        Scores = scores,
    };
}
