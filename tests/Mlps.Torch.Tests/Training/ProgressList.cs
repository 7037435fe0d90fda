using Mlps.Torch.Training;

namespace Mlps.Torch.Tests.Training;

/// <summary>Keeps every report; unlike Progress of T, on the reporting thread.</summary>
internal sealed class ProgressList(Action<TrainingProgress>? also = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> Reports { get; } = [];

    public IEnumerable<double> EpochLosses => Reports.Where(report => report.EpochEnded).Select(report => report.Loss);

    public void Report(TrainingProgress value)
    {
        Reports.Add(value);
        also?.Invoke(value);
    }
}
