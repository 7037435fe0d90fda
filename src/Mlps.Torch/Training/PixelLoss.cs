using Mlps.Torch.Ranks;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Mean loss of logits against one mask.</summary>
/// <param name="options">Which loss, and how background is kept out.</param>
/// <param name="classCount">C.</param>
/// <param name="classWeights">[C], or null for all alike; belongs to the caller.</param>
/// <param name="ranks">Those with whom the batch is shared: sums and counts are those of all of it. Null for none.</param>
internal sealed class PixelLoss(SegmenterTrainingOptions options, int classCount, Tensor? classWeights, RankGroup? ranks = null)
{
    /// <summary>Pixels of this index count for nothing in the published code's loss, whatever the background rule.</summary>
    private const int PublishedIgnoreIndex = 255;

    /// <summary>Keeps the mean over no pixels a number.</summary>
    private const double LeastWeight = 1e-6;

    /// <summary>The loss, a scalar.</summary>
    /// <param name="scores">Logits [N, C, H, W], with one more channel for background where the options say so.</param>
    /// <param name="mask">[N, H, W] class indices, C for background.</param>
    /// <param name="pixelWeights">How much each pixel counts [N, H, W], up to a factor; null for all alike.</param>
    public Tensor Compute(Tensor scores, Tensor mask, Tensor? pixelWeights = null)
    {
        using var scope = NewDisposeScope();
        var weights = Weights(scores);
        var loss = options.Loss is SegmentationLoss.CrossEntropyDice ? CrossEntropy(scores, mask, weights, pixelWeights).add(DiceLoss.Compute(scores, mask, pixelWeights, ranks))
            : options.Loss is SegmentationLoss.CrossEntropy ? CrossEntropy(scores, mask, weights, pixelWeights)
            : options.Quirks.FocalOverMean ? Focus(CrossEntropy(scores, mask, weights, pixelWeights: null))
            : FocalPerPixel(scores, mask, weights, pixelWeights);
        return loss.MoveToOuterDisposeScope();
    }

    private bool HasBackgroundChannel => options.Quirks.IgnoredPixels is IgnoredPixelRule.ExtraChannel;

    private int IgnoreIndex => HasBackgroundChannel ? PublishedIgnoreIndex : classCount;

    /// <summary>Class weights, with 1 for the background's channel where there is one; null for all alike.</summary>
    private Tensor? Weights(Tensor scores) => classWeights is null ? null
        : HasBackgroundChannel ? cat([classWeights, ones(1, ScalarType.Float32, scores.device)])
        : classWeights;

    private Tensor CrossEntropy(Tensor scores, Tensor mask, Tensor? weights, Tensor? pixelWeights)
    {
        if (HasBackgroundChannel && ranks is null)
        {
            return nn.functional.cross_entropy(scores, mask, weight: weights, ignore_index: IgnoreIndex);
        }

        return pixelWeights is null
            ? ranks.SumOver(nn.functional.cross_entropy(scores, mask, weight: weights, ignore_index: IgnoreIndex, reduction: nn.Reduction.Sum)).div(Counted(mask, weights))
            : WeightedMean(nn.functional.cross_entropy(scores, mask, ignore_index: IgnoreIndex, reduction: nn.Reduction.None), mask, weights, pixelWeights);
    }

    private Tensor FocalPerPixel(Tensor scores, Tensor mask, Tensor? weights, Tensor? pixelWeights)
    {
        var error = nn.functional.cross_entropy(scores, mask, ignore_index: IgnoreIndex, reduction: nn.Reduction.None);
        var focused = Focus(error);
        return pixelWeights is not null
            ? WeightedMean(focused, mask, weights, pixelWeights)
            : ranks.SumOver((weights is null ? focused : focused.mul(PerPixel(mask, weights))).sum()).div(Counted(mask, weights));
    }

    /// <summary>The mean over the pixels that count, each by its own weight and its class's.</summary>
    private Tensor WeightedMean(Tensor error, Tensor mask, Tensor? weights, Tensor pixelWeights)
    {
        var counted = weights is null ? pixelWeights.masked_fill(mask.eq(IgnoreIndex), 0) : pixelWeights.mul(PerPixel(mask, weights));
        return ranks.SumOver(error.mul(counted).sum()).div(ranks.SumOver(counted.sum()).clamp_min(LeastWeight));
    }

    /// <summary>α·(1 − p)^γ·error, where p = exp(−error) is the probability of the right class.</summary>
    private Tensor Focus(Tensor error) => error.neg().exp().neg().add(1).pow(options.FocalGamma).mul(error).mul(options.FocalAlpha);

    /// <summary>What the sum is divided by.</summary>
    /// <remarks>The mean over no pixels is not a number; a batch of background alone teaches nothing instead.</remarks>
    private Tensor Counted(Tensor mask, Tensor? weights) =>
        weights is null ? ranks.SumOver(mask.ne(IgnoreIndex).sum()).clamp_min(1) : ranks.SumOver(PerPixel(mask, weights).sum()).clamp_min(LeastWeight);

    /// <summary>The weight of each pixel [N, H, W], 0 for one that is ignored.</summary>
    private Tensor PerPixel(Tensor mask, Tensor weights) => weights[mask.clamp_max(weights.shape[0] - 1)].masked_fill(mask.eq(IgnoreIndex), 0);
}
