using System.Diagnostics;
using System.Globalization;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>Which share of the training steps are exchanges with other ranks, waiting for them included.</summary>
internal sealed class RankMeter(RankGroup ranks) : IProgress<TrainingProgress>
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<TrainingStage, (Mark First, Mark Last)> _stages = [];

    public void Report(TrainingProgress value)
    {
        if (!value.Reading && !value.EpochEnded)
        {
            var now = new Mark(value.Step, _clock.Elapsed, ranks.ExchangeTime, ranks.ExchangedBytes);
            _stages[value.Stage] = (_stages.TryGetValue(value.Stage, out var marks) ? marks.First : now, now);
        }
    }

    /// <summary>A line for each stage that has had two steps.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var (stage, (first, last)) in _stages.Where(stage => stage.Value.Last.Step > stage.Value.First.Step))
        {
            var steps = last.Step - first.Step;
            var (time, exchange) = (last.Time - first.Time, last.Exchange - first.Exchange);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{(stage is TrainingStage.PatchClassifier ? "Stage 1" : "Stage 2")}: a step of {time.TotalMilliseconds / steps:f0} ms, {exchange.TotalMilliseconds / steps:f0} ms of it exchanges ({exchange / time:p0}), {(last.Bytes - first.Bytes) / 1e6 / steps:f1} MB");
        }
    }

    private readonly record struct Mark(long Step, TimeSpan Time, TimeSpan Exchange, long Bytes);
}
