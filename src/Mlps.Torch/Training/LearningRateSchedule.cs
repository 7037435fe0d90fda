namespace Mlps.Torch.Training;

/// <summary>The learning rate at each step of a run.</summary>
/// <param name="options">The base rate and its course.</param>
/// <param name="steps">Steps of the whole run.</param>
/// <param name="stepsPerEpoch">Steps of an epoch.</param>
internal sealed class LearningRateSchedule(OptimizerOptions options, long steps, int stepsPerEpoch)
{
    private const double StepFactor = 0.1;

    /// <summary>Learning rate of the body at a step (from 0).</summary>
    public double RateAt(long step) => options.LearningRate * Decay(Math.Min(step, steps)) * WarmUp(step);

    private double Decay(long step) => options.Decay switch
    {
        LearningRateDecay.Polynomial => Math.Pow(1 - (step / (double)steps), options.DecayPower),
        LearningRateDecay.Cosine => 0.5 * (1 + Math.Cos(Math.PI * step / steps)),
        LearningRateDecay.Step => Math.Pow(StepFactor, step / stepsPerEpoch / options.EpochsPerStep),
        _ => throw new InvalidOperationException($"Unknown decay '{options.Decay}'."),
    };

    private double WarmUp(long step)
    {
        if (step < options.WarmUpSteps)
        {
            return (step + 1) / (double)options.WarmUpSteps;
        }

        var length = options.WarmUpEpochs * stepsPerEpoch;
        return step < length ? step / length : 1;
    }
}
