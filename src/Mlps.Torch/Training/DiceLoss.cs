using Mlps.Torch.Ranks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Soft Dice loss over a batch: 1 − mean over c of 2·Σ w·p_c·y_c / Σ w·(p_c + y_c).</summary>
/// <remarks>
/// Milletari et al. 2016, without squares and summed over the whole batch as by Isensee et al. 2021. The mean is over the classes that occur in the mask: an absent one would be pushed down by every batch that lacks
/// it, and has nothing to divide by where it is not predicted.
/// </remarks>
internal static class DiceLoss
{
    /// <summary>The loss, a scalar in [0, 1]; 0 where no pixel counts.</summary>
    /// <param name="scores">Logits [N, C, H, W].</param>
    /// <param name="mask">[N, H, W] class indices; pixels of C and above are left out.</param>
    /// <param name="pixelWeights">How much each pixel counts [N, H, W], up to a factor; null for all alike.</param>
    /// <param name="ranks">Those with whom the batch is shared; null for none.</param>
    public static Tensor Compute(Tensor scores, Tensor mask, Tensor? pixelWeights, RankGroup? ranks = null)
    {
        using var scope = NewDisposeScope();
        var classCount = scores.shape[1];
        var counted = mask.lt(classCount).to(scores.dtype);
        var weights = (pixelWeights is null ? counted : pixelWeights.to(scores.dtype).mul(counted)).unsqueeze(1);
        var truth = zeros(scores.shape, scores.dtype, scores.device).scatter_(1, mask.clamp_max(classCount - 1).unsqueeze(1), weights);
        var probabilities = scores.softmax(1);

        long[] pixels = [0, 2, 3];
        var shared = ranks.SumOver(probabilities.mul(truth).sum(pixels));
        var predicted = ranks.SumOver(probabilities.mul(weights).sum(pixels));
        var amount = ranks.SumOver(truth.sum(pixels));
        var occurs = amount.gt(0);
        var dice = shared.mul(2).div(predicted.add(where(occurs, amount, ones_like(amount))));
        return dice.neg().add(1).mul(occurs).sum().div(occurs.sum().clamp_min(1)).MoveToOuterDisposeScope();
    }
}
