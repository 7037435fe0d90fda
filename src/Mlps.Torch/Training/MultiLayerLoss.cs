using Mlps.Torch.Ranks;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Loss of the segmenter's logits against the pseudo masks of several layers, weighted.</summary>
/// <remarks>Han et al. 2022, section 3.2.</remarks>
/// <param name="options">Mask weights, loss, background rule.</param>
/// <param name="classCount">C.</param>
/// <param name="classWeights">[C], or null for all alike; belongs to the caller.</param>
/// <param name="share">The part of the batch that logits and masks are of; the loss is that of the whole batch. Null for all of it.</param>
internal sealed class MultiLayerLoss(SegmenterTrainingOptions options, int classCount, Tensor? classWeights = null, BatchShare? share = null)
{
    private const double BackgroundLogit = 100;

    private readonly PixelLoss _loss = new(options, classCount, classWeights, share?.Ranks);

    /// <summary>The loss, a scalar.</summary>
    /// <param name="logits">[N, C, H, W].</param>
    /// <param name="masks">[N, M, H, W] class indices, C for background, deepest layer last.</param>
    public Tensor Compute(Tensor logits, Tensor masks)
    {
        using var scope = NewDisposeScope();
        var scores = options.Quirks.IgnoredPixels is IgnoredPixelRule.ExtraChannel ? WithBackgroundChannel(logits, masks) : logits;
        var pixelWeights = options.WeighsAgreement ? AgreementWeights(masks) : null;
        var loss = zeros(1, ScalarType.Float32, logits.device).squeeze(0);
        for (var layer = 0; layer < options.MaskWeights.Count; layer++)
        {
            if (options.MaskWeights[layer] > 0)
            {
                loss = loss.add(_loss.Compute(scores, masks.select(1, layer), pixelWeights).mul(options.MaskWeights[layer]));
            }
        }

        return (options.Quirks.DivideLossByBatch ? loss.div(share?.InWhole(logits.shape[0]) ?? logits.shape[0]) : loss).MoveToOuterDisposeScope();
    }

    /// <summary>How much each pixel counts [N, H, W]: by whether the masks that are learnt from agree on it.</summary>
    private Tensor AgreementWeights(Tensor masks)
    {
        using var scope = NewDisposeScope();
        var learnt = Enumerable.Range(0, options.MaskWeights.Count).Where(layer => options.MaskWeights[layer] > 0).Select(layer => masks.select(1, layer)).ToArray();
        var agree = ones_like(learnt[0], ScalarType.Bool);
        foreach (var mask in learnt)
        {
            agree = agree.logical_and(mask.eq(learnt[0]));
        }

        var weights = agree.to(ScalarType.Float32).mul(options.AgreementFactor - options.DisagreementFactor).add(options.DisagreementFactor);
        return weights.MoveToOuterDisposeScope();
    }

    private Tensor WithBackgroundChannel(Tensor logits, Tensor masks)
    {
        var deepest = masks.select(1, masks.shape[1] - 1);
        var background = deepest.eq(classCount).to(logits.dtype).mul(BackgroundLogit).unsqueeze(1);
        return cat([logits, background], dim: 1);
    }
}
