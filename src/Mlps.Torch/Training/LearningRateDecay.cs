namespace Mlps.Torch.Training;

/// <summary>How the learning rate falls over a run.</summary>
public enum LearningRateDecay
{
    /// <summary>(1 − step/steps) to the power of <see cref="OptimizerOptions.DecayPower"/>, as published (Chen et al. 2017).</summary>
    Polynomial,

    /// <summary>Half a cosine wave from 1 to 0 (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>A tenth of what it was, every <see cref="OptimizerOptions.EpochsPerStep"/> epochs.</summary>
    Step,
}
