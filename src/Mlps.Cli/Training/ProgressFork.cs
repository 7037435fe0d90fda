using Mlps.Torch.Training;

namespace Mlps.Cli.Training;

/// <summary>Tells several listeners, in order and on the training's own thread.</summary>
internal sealed class ProgressFork(params IProgress<TrainingProgress>[] listeners) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        foreach (var listener in listeners)
        {
            listener.Report(value);
        }
    }
}
