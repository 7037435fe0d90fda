using Mlps.Torch.Training;

namespace Mlps.Torch.Tests.Training;

/// <summary>Looks at something after every step.</summary>
internal sealed class StepProgress(Action look) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (!value.EpochEnded)
        {
            look();
        }
    }
}
