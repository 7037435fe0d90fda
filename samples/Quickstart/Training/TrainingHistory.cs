using System.Text.Json;
using Mlps.Quickstart.Output;
using Mlps.Torch.Training;

namespace Mlps.Quickstart.Training;

/// <summary>The end of every epoch, for curves.</summary>
internal sealed class TrainingHistory : IProgress<TrainingProgress>
{
    private readonly List<TrainingProgress> _epochs = [];

    public void Report(TrainingProgress value)
    {
        if (value.EpochEnded)
        {
            _epochs.Add(value);
        }
    }

    /// <summary>Writes <c>history.json</c> and <c>curves.png</c>.</summary>
    public void Save(string folder)
    {
        var rows = _epochs.Select(epoch => new HistoryRow(epoch.Stage.ToString(), epoch.Epoch, epoch.Loss, epoch.LearningRate, epoch.PatchesPerSecond, epoch.Scores));
        AtomicOutput.WriteText(Path.Combine(folder, "history.json"), JsonSerializer.Serialize(rows, OutputJson.Default.IEnumerableHistoryRow));
        AtomicOutput.Write(Path.Combine(folder, "curves.png"), TrainingCurves.Draw(_epochs));
    }
}
