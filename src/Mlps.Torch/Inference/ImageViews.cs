using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>The eight ways of laying a square on itself: flips and quarter turns.</summary>
internal static class ImageViews
{
    private const int FlipsColumns = 1;
    private const int FlipsRows = 2;
    private const int Transposes = 4;

    /// <summary>The mean over the first <paramref name="count"/> views of what a function of images [N, 3, H, W] gives, laid back: [N, C, H, W].</summary>
    public static Tensor Average(Tensor images, int count, Func<Tensor, Tensor> predict)
    {
        using var scope = NewDisposeScope();
        var sum = predict(images);
        for (var view = 1; view < count; view++)
        {
            sum = sum.add(Undo(predict(Apply(images, view).contiguous()), view));
        }

        return (count > 1 ? sum.div(count) : sum).MoveToOuterDisposeScope();
    }

    private static Tensor Apply(Tensor images, int view) => Flip((view & Transposes) != 0 ? images.transpose(2, 3) : images, view);

    private static Tensor Undo(Tensor logits, int view)
    {
        var flipped = Flip(logits, view);
        return (view & Transposes) != 0 ? flipped.transpose(2, 3) : flipped;
    }

    private static Tensor Flip(Tensor tensor, int view)
    {
        var columns = (view & FlipsColumns) != 0 ? tensor.flip(3) : tensor;
        return (view & FlipsRows) != 0 ? columns.flip(2) : columns;
    }
}
