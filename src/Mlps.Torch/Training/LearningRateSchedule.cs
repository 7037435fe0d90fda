namespace Mlps.Torch.Training;

/// <summary>How the learning rate falls over a run.</summary>
internal static class LearningRateSchedule
{
    /// <summary>Polynomial decay (Chen et al. 2017): 1 at the first step, towards 0 at the last.</summary>
    public static double Polynomial(long step, long steps, double power) =>
        Math.Pow(1 - (Math.Min(step, steps) / (double)steps), power);
}
