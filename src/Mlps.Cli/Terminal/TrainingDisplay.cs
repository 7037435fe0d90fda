using Mlps.Torch.Training;
using Spectre.Console;

namespace Mlps.Cli.Terminal;

/// <summary>Shows a training: bars on a terminal, a line for each epoch elsewhere.</summary>
internal sealed class TrainingDisplay : IProgress<TrainingProgress>
{
    /// <summary>Between two lines within an epoch, so that a log shows that the training goes on.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(10);

    private readonly ProgressContext? _bars;
    private readonly Dictionary<string, ProgressTask> _tasks = [];
    private DateTime _lastLine = DateTime.UtcNow;

    private TrainingDisplay(ProgressContext? bars) => _bars = bars;

    public static void Run(Action<TrainingDisplay> work)
    {
        if (!Terminal.IsInteractive)
        {
            work(new TrainingDisplay(bars: null));
            return;
        }

        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(bars => work(new TrainingDisplay(bars)));
    }

    public void Report(TrainingProgress value)
    {
        if (_bars is null)
        {
            PlainLine(value);
        }
        else
        {
            Bar(value);
        }
    }

    private static string StageName(TrainingProgress value) => (value.Stage, value.Reading) switch
    {
        (TrainingStage.PatchClassifier, true) => "Reading patches",
        (TrainingStage.PatchClassifier, false) => "Stage 1, patch classifier",
        (_, true) => "Pseudo masks",
        _ => "Stage 2, segmenter",
    };

    private static string Scores(TrainingProgress value) =>
        string.Concat(value.Scores.Select(score => $", {score.Key} {score.Value:f3}"));

    private void Bar(TrainingProgress value)
    {
        var name = StageName(value);
        if (!_tasks.TryGetValue(name, out var task))
        {
            _tasks[name] = task = _bars!.AddTask(Markup.Escape(name), maxValue: Math.Max(1, value.Steps));
        }

        task.IsIndeterminate = value.Steps == 0;
        task.Value = value.Step;
        if (!value.Reading)
        {
            task.Description = Markup.Escape($"{name}: epoch {value.Epoch}/{value.Epochs}, loss {value.Loss:f4}, {value.PatchesPerSecond:f0} patches/s");
        }

        if (value.EpochEnded && value.Epoch == value.Epochs)
        {
            AnsiConsole.MarkupLineInterpolated($"{name}: loss {value.Loss:f4}{Scores(value)}");
        }
    }

    private void PlainLine(TrainingProgress value)
    {
        if (value.EpochEnded)
        {
            Say.Line($"{StageName(value)}: epoch {value.Epoch}/{value.Epochs}, loss {value.Loss:f4}, {value.PatchesPerSecond:f1} patches/s{Scores(value)}");
            _lastLine = DateTime.UtcNow;
        }
        else if (DateTime.UtcNow - _lastLine > _pause)
        {
            Say.Line(value.Reading
                ? $"{StageName(value)}: {value.Step}{(value.Steps > 0 ? $" of {value.Steps}" : string.Empty)} patches"
                : $"{StageName(value)}: step {value.Step} of {value.Steps}, about {value.Remaining:hh\\:mm\\:ss} left");
            _lastLine = DateTime.UtcNow;
        }
    }
}
