using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>Keeps the segmenter from predicting tissues that the classifier does not see.</summary>
/// <remarks>Han et al. 2022, section 3.3.</remarks>
internal sealed class ClassificationGate : IDisposable
{
    private readonly Tensor _passes;
    private readonly Recipe _recipe;

    /// <param name="probabilities">
    /// The classifier's: [N, C, ⌈H/8⌉, ⌈W/8⌉], each for its cell of 8x8 pixels, or [N, C, 1, 1], one gate for the whole image.
    /// </param>
    /// <param name="threshold">A class passes when its probability is strictly above this.</param>
    /// <param name="recipe">
    /// <see cref="Recipe.Default"/>: other classes get logit −∞, and where nothing passes the most probable class does.
    /// <see cref="Recipe.Reference"/>: other classes get logit 0.
    /// </param>
    /// <param name="device">Where logits are.</param>
    public ClassificationGate(Tensor probabilities, double threshold, Recipe recipe, Device device)
    {
        using var scope = NewDisposeScope();
        _recipe = recipe;
        var values = probabilities.to(device);
        var passes = values.gt((float)threshold);
        if (recipe is not Recipe.Reference)
        {
            var mostProbable = zeros_like(passes).scatter(1, values.argmax(1, keepdim: true), ones_like(passes));
            passes = where(passes.any(1, keepdim: true), passes, mostProbable);
        }

        _passes = passes.DetachFromDisposeScope();
    }

    /// <summary>Rows of logits [N, C, rows, W] after the gate.</summary>
    /// <param name="logits">[N, C, rows, W].</param>
    /// <param name="top">The number of their first row in the image.</param>
    public Tensor Apply(Tensor logits, int top = 0)
    {
        using var scope = NewDisposeScope();
        return Close(logits, CellGrid.Spread(_passes, top, (int)logits.shape[2], (int)logits.shape[3])).MoveToOuterDisposeScope();
    }

    /// <summary>Logits [1, C, h, w] of a window of an image after the gate.</summary>
    public Tensor Apply(Tensor logits, int image, ImageWindow window)
    {
        using var scope = NewDisposeScope();
        var open = CellGrid.Spread(_passes.narrow(0, image, 1), window.Top, window.Height, window.Left + window.Width);

        // A single gate holds for all pixels.
        return Close(logits, open.shape[3] == 1 ? open : open.narrow(3, window.Left, window.Width)).MoveToOuterDisposeScope();
    }

    /// <summary>Logits [N, C, H, W] after a gate.</summary>
    public static Tensor Apply(Tensor logits, Tensor probabilities, double threshold, Recipe recipe)
    {
        using var gate = new ClassificationGate(probabilities, threshold, recipe, logits.device);
        return gate.Apply(logits);
    }

    public void Dispose() => _passes.Dispose();

    private Tensor Close(Tensor logits, Tensor open) =>
        _recipe is Recipe.Reference ? logits.mul(open.to(logits.dtype)) : logits.masked_fill(open.logical_not(), float.NegativeInfinity);
}
