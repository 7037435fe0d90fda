namespace Mlps.Torch.Training;

/// <summary>Stochastic gradient descent: what both stages are trained with.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Learning rate of the body of the network at the first step; above 0.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>The head's learning rate as a multiple of <see cref="LearningRate"/>; above 0.</summary>
    /// <remarks>A new head on a trained body wants 10, as published; where the body starts from random weights too, the classifier's attention collapses at that rate.</remarks>
    public double HeadFactor { get; init; } = 1;

    /// <summary>Momentum, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty, 0 or above.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Whether momentum looks ahead (Nesterov 1983); needs <see cref="Momentum"/> above 0.</summary>
    public bool Nesterov { get; init; }

    /// <summary>The course of the learning rate over the run.</summary>
    public LearningRateDecay Decay { get; init; }

    /// <summary>Power of the polynomial decay; 0 keeps the rate constant.</summary>
    public double DecayPower { get; init; } = 0.9;

    /// <summary>Epochs between tenfold falls where <see cref="Decay"/> is <see cref="LearningRateDecay.Step"/>; at least 1.</summary>
    public int EpochsPerStep { get; init; } = 10;

    /// <summary>Epochs, not necessarily whole, over which the learning rate rises linearly from 0; 0 or above.</summary>
    public double WarmUpEpochs { get; init; }

    /// <summary>Steps over which the learning rate rises linearly, from 1/steps of it at the first step; 0 or above.</summary>
    /// <remarks>Give this or <see cref="WarmUpEpochs"/>.</remarks>
    public int WarmUpSteps { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.Positive(LearningRate);
        Guard.Positive(HeadFactor);
        Guard.InRange(Momentum, 0, 1, highestAllowed: false);
        Guard.NotNegative(WeightDecay);
        Guard.NotNegative(DecayPower);
        Guard.NotNegative(WarmUpEpochs);
        Guard.AtLeast(WarmUpSteps, 0);
        Guard.AtLeast(EpochsPerStep, 1);
        Guard.Defined(Decay);
        if (WarmUpSteps > 0 && WarmUpEpochs > 0)
        {
            throw new ArgumentException(FormattableString.Invariant($"WarmUpSteps is {WarmUpSteps} and WarmUpEpochs is {WarmUpEpochs}; give one of them."));
        }

        if (Nesterov && Momentum == 0)
        {
            throw new ArgumentException("Nesterov needs a Momentum above 0.");
        }
    }
}
