using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>The mean of what is computed from several views of images.</summary>
internal static class ViewMean
{
    /// <summary>The mean over the first views, each laid back on the image.</summary>
    /// <remarks>
    /// Activation maps are averaged as they are, in units of the logit: a view in which the classifier sees little of a class adds little. Scaled first, such a view would count as much as one in which the
    /// class is plain.
    /// </remarks>
    /// <param name="images">[..., H, W].</param>
    /// <param name="views">1, 2, 4 or 8; see <see cref="ImageViews"/>.</param>
    /// <param name="compute">From a view of the images to [..., h, w].</param>
    public static Tensor Compute(Tensor images, int views, Func<Tensor, Tensor> compute)
    {
        if (views == 1)
        {
            return compute(images);
        }

        using var scope = NewDisposeScope();
        Tensor? sum = null;
        for (var view = 0; view < views; view++)
        {
            using var step = NewDisposeScope();
            var output = ImageViews.Undo(compute(ImageViews.Apply(images, view)), view);
            sum = sum is null ? output.clone().MoveToOuterDisposeScope() : sum.add_(output);
        }

        return sum!.div_(views).MoveToOuterDisposeScope();
    }
}
