using Mlps.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Keeps the segmenter from predicting tissues that the classifier does not see.</summary>
/// <remarks>Han et al. 2022, section 3.3.</remarks>
internal static class ClassificationGate
{
    /// <summary>Logits [N, C, H, W] after the gate.</summary>
    /// <param name="logits">[N, C, H, W].</param>
    /// <param name="probabilities">
    /// The classifier's: [N, C, ⌈H/8⌉, ⌈W/8⌉], each for its cell of 8x8 pixels, or [N, C, 1, 1], one gate for the whole image.
    /// </param>
    /// <param name="threshold">A class passes when its probability is strictly above this.</param>
    /// <param name="recipe">
    /// <see cref="Recipe.Default"/>: other classes get logit −∞, and where nothing passes the most probable class does.
    /// <see cref="Recipe.Reference"/>: other classes get logit 0.
    /// </param>
    public static Tensor Apply(Tensor logits, Tensor probabilities, double threshold, Recipe recipe)
    {
        using var scope = NewDisposeScope();
        var passes = probabilities.gt((float)threshold);
        if (recipe is Recipe.Reference)
        {
            return logits.mul(Spread(passes.to(logits.dtype), logits)).MoveToOuterDisposeScope();
        }

        var mostProbable = zeros_like(passes).scatter(1, probabilities.argmax(1, keepdim: true), ones_like(passes));
        passes = where(passes.any(1, keepdim: true), passes, mostProbable);
        var open = Spread(passes.to(logits.dtype), logits).gt(0.5);
        return logits.masked_fill(open.logical_not(), float.NegativeInfinity).MoveToOuterDisposeScope();
    }

    /// <summary>Each cell's value over its pixels, [N, C, H, W].</summary>
    private static Tensor Spread(Tensor cells, Tensor logits)
    {
        if (cells.shape[2] == 1 && cells.shape[3] == 1)
        {
            return cells;
        }

        const int Cell = ResNet38.OutputStride;
        long height = logits.shape[2], width = logits.shape[3];
        return cells.repeat_interleave(Cell, 2).narrow(2, 0, height).repeat_interleave(Cell, 3).narrow(3, 0, width);
    }
}
