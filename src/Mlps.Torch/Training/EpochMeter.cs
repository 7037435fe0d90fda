using System.Diagnostics;

namespace Mlps.Torch.Training;

/// <summary>Turns steps into progress reports: mean loss, speed, time left.</summary>
internal sealed class EpochMeter(TrainingStage stage, int epochs, long steps, IProgress<TrainingProgress>? progress)
{
    private readonly Stopwatch _run = Stopwatch.StartNew();
    private readonly Stopwatch _epochClock = new();
    private readonly Dictionary<string, double> _scoreSums = [];
    private int _epoch;
    private int _stepsInEpoch;
    private long _step;
    private long _patches;
    private double _lossSum;
    private double _rate;

    /// <summary>Steps done over all epochs.</summary>
    public long Step => _step;

    public void StartEpoch(int epoch)
    {
        (_epoch, _stepsInEpoch, _patches, _lossSum) = (epoch, 0, 0, 0);
        _scoreSums.Clear();
        _epochClock.Restart();
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

        progress?.Report(Report(ended: true, scores));
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
        Remaining = TimeSpan.FromSeconds(_run.Elapsed.TotalSeconds / Math.Max(1, _step) * (steps - _step)),
        EpochEnded = ended,
        Scores = scores,
    };
}
