using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>How well predicted label sets match the true ones, at probability 0.5.</summary>
internal static class LabelScores
{
    /// <summary>Share of patches whose whole label set is right, and mean intersection over union of the label sets (1 where both are empty).</summary>
    /// <param name="logits">[N, C].</param>
    /// <param name="labels">[N, C], 0 or 1.</param>
    public static (double ExactMatch, double LabelIoU) Compute(Tensor logits, Tensor labels)
    {
        var (exact, overlap) = OnDevice(logits, labels);
        using (exact)
        using (overlap)
        {
            return (exact.ToDouble(), overlap.ToDouble());
        }
    }

    /// <summary>The same as scalars, without waiting for the device.</summary>
    public static (Tensor ExactMatch, Tensor LabelIoU) OnDevice(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var predicted = logits.gt(0);
        var truth = labels.gt(0.5);
        var exact = predicted.eq(truth).all(1).to(ScalarType.Float32).mean();
        var union = predicted.logical_or(truth).sum(1);
        var intersection = predicted.logical_and(truth).sum(1);
        var overlap = where(union.eq(0), ones_like(union, ScalarType.Float32), intersection.to(ScalarType.Float32).div(union.clamp_min(1)));
        return (exact.MoveToOuterDisposeScope(), overlap.mean().MoveToOuterDisposeScope());
    }
}
