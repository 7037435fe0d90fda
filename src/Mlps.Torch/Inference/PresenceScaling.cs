using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Scales probabilities so that each class's own threshold becomes 0.5.</summary>
/// <remarks>Odds are divided by the odds of the threshold: in logits, a shift for each class. 0 and 1 stay as they are, and so does the order of a class's probabilities.</remarks>
internal static class PresenceScaling
{
    /// <summary>The threshold of a class for which nothing was chosen.</summary>
    public const double Unscaled = 0.5;

    /// <summary>Throws when there are thresholds, and not one above 0 and below 1 for each class.</summary>
    /// <exception cref="ArgumentException">There are too few, too many, or one outside the range.</exception>
    public static void Check(IReadOnlyList<double>? thresholds, int classCount)
    {
        if (thresholds is not null && (thresholds.Count != classCount || !thresholds.All(threshold => threshold is > 0 and < 1)))
        {
            throw new ArgumentException($"PresenceThresholds must be {classCount} values above 0 and below 1, one for each class.", nameof(thresholds));
        }
    }

    /// <summary>Probabilities [N, C, ...] after scaling; as they are where every threshold is 0.5.</summary>
    /// <param name="probabilities">[N, C, ...], in [0, 1].</param>
    /// <param name="thresholds">C values in (0, 1); null for 0.5 each.</param>
    public static Tensor Apply(Tensor probabilities, IReadOnlyList<double>? thresholds)
    {
        if (thresholds is null || thresholds.All(threshold => threshold == Unscaled))
        {
            return probabilities.alias();
        }

        using var scope = NewDisposeScope();
        long[] shape = [1, thresholds.Count, .. Enumerable.Repeat(1L, (int)probabilities.dim() - 2)];
        var threshold = tensor(thresholds.Select(value => (float)value).ToArray(), shape, device: probabilities.device);
        var passing = probabilities.mul(threshold.neg().add(1));
        var failing = probabilities.neg().add(1).mul(threshold);
        return passing.div(passing.add(failing)).MoveToOuterDisposeScope();
    }
}
