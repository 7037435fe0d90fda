using System.Text.Json;
using Mlps.Cli.Output;
using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>The end of every epoch, for curves.</summary>
internal sealed class TrainingHistory : IProgress<TrainingProgress>
{
    private const string HistoryName = "history.json";
    private const string CurvesName = "curves.png";

    private readonly List<TrainingProgress> _epochs = [];

    /// <summary>The files that are written.</summary>
    public static IReadOnlyList<string> Names { get; } = [HistoryName, CurvesName];

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnded)
        {
            _epochs.Add(value);
        }
    }

    /// <summary>Writes <c>history.json</c>, then <c>curves.png</c>.</summary>
    public void Save(string folder)
    {
        var rows = _epochs.Select(epoch => new HistoryRow(epoch.Stage.ToString(), epoch.Epoch, epoch.Loss, epoch.LearningRate, epoch.PatchesPerSecond, epoch.Scores));
        AtomicOutput.WriteText(Path.Combine(folder, HistoryName), JsonSerializer.Serialize(rows, OutputJson.Default.IEnumerableHistoryRow));
        var curves = Path.Combine(folder, CurvesName);
        Pictures.Try(curves, () => AtomicOutput.Write(curves, TrainingCurves.Draw(_epochs)));
    }
}
