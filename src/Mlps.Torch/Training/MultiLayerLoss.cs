using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Cross-entropy of the segmenter's logits against the pseudo masks of several layers, weighted.</summary>
/// <remarks>Han et al. 2022, section 3.2.</remarks>
internal sealed class MultiLayerLoss(SegmenterTrainingOptions options, int classCount)
{
    private const double BackgroundLogit = 100;

    /// <summary>Pixels of this index count for nothing in the published code's loss, whatever the background rule.</summary>
    private const int PublishedIgnoreIndex = 255;

    /// <summary>The loss, a scalar.</summary>
    /// <param name="logits">[N, C, H, W].</param>
    /// <param name="masks">[N, M, H, W] class indices, C for background, deepest layer last.</param>
    public Tensor Of(Tensor logits, Tensor masks)
    {
        using var scope = NewDisposeScope();
        var scores = options.IgnoredPixels is IgnoredPixelRule.ExtraChannel ? WithBackgroundChannel(logits, masks) : logits;
        var loss = zeros(1, device: logits.device).squeeze(0);
        for (var layer = 0; layer < options.MaskWeights.Count; layer++)
        {
            if (options.MaskWeights[layer] > 0)
            {
                loss = loss.add(CrossEntropy(scores, masks.select(1, layer)).mul(options.MaskWeights[layer]));
            }
        }

        return (options.DivideLossByBatch ? loss.div(logits.shape[0]) : loss).MoveToOuterDisposeScope();
    }

    private Tensor CrossEntropy(Tensor scores, Tensor mask)
    {
        if (options.IgnoredPixels is IgnoredPixelRule.ExtraChannel)
        {
            return nn.functional.cross_entropy(scores, mask, ignore_index: PublishedIgnoreIndex);
        }

        // The mean over no pixels is not a number; a batch of background alone teaches nothing instead.
        var counted = mask.ne(classCount).sum().clamp_min(1);
        return nn.functional.cross_entropy(scores, mask, ignore_index: classCount, reduction: nn.Reduction.Sum).div(counted);
    }

    private Tensor WithBackgroundChannel(Tensor logits, Tensor masks)
    {
        var deepest = masks.select(1, masks.shape[1] - 1);
        var background = deepest.eq(classCount).to(logits.dtype).mul(BackgroundLogit).unsqueeze(1);
        return cat([logits, background], dim: 1);
    }
}
