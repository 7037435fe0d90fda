namespace Mlps.Torch.Training;

/// <summary>How the threshold μ of progressive dropout attention falls from epoch to epoch.</summary>
/// <remarks>
/// μ starts at 1 and is multiplied by <see cref="Decay"/> after each epoch from <see cref="DecayFromEpoch"/> on, as long as it is above
/// <see cref="Bound"/>; the last multiplication may take it below. Defaults are the paper's schedule of μ (Han et al. 2022, section 3.1), applied from the fourth epoch on.
/// </remarks>
public sealed record AttentionSchedule
{
    /// <summary>The published code's schedule: μ falls by 2 % from the first epoch on, and is used from the fourth.</summary>
    public static AttentionSchedule Reference { get; } = new() { Decay = 0.98, DecayFromEpoch = 0, FirstEpoch = 3 };

    /// <summary>No attention at all.</summary>
    public static AttentionSchedule Off { get; } = new() { FirstEpoch = int.MaxValue };

    /// <summary>Factor on μ after an epoch, in (0, 1].</summary>
    public double Decay { get; init; } = 0.985;

    /// <summary>The first epoch (from 0) after which μ is multiplied.</summary>
    public int DecayFromEpoch { get; init; } = 2;

    /// <summary>The first epoch (from 0) in which attention is applied.</summary>
    /// <remarks>
    /// Class activation maps of a network that has learnt nothing are close to 0, and features multiplied by them teach nothing: the network has to see the features as they are
    /// first.
    /// </remarks>
    public int FirstEpoch { get; init; } = 3;

    /// <summary>μ is multiplied only while it is above this, in [0, 1].</summary>
    public double Bound { get; init; } = 0.65;

    /// <summary>μ in the given epoch (from 0).</summary>
    public double ThresholdAt(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        var threshold = 1.0;
        for (var passed = DecayFromEpoch; passed < epoch && threshold > Bound; passed++)
        {
            threshold *= Decay;
        }

        return threshold;
    }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Check()
    {
        Guard.InRange(Decay, 0, 1, lowestAllowed: false);
        Guard.InRange(Bound, 0, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DecayFromEpoch);
        ArgumentOutOfRangeException.ThrowIfNegative(FirstEpoch);
    }
}
