using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <content>Views of tensors.</content>
internal static partial class ImageViews
{
    /// <summary>A view of images [..., H, W].</summary>
    public static Tensor Apply(Tensor images, int view) => Flip(IsTransposed(view) ? images.transpose(-2, -1) : images, view);

    /// <summary>What a network says of a view [..., h, w], laid back on the image.</summary>
    public static Tensor Undo(Tensor output, int view)
    {
        var flipped = Flip(output, view);
        return IsTransposed(view) ? flipped.transpose(-2, -1) : flipped;
    }

    private static Tensor Flip(Tensor tensor, int view)
    {
        var columns = FlipsColumns(view) ? tensor.flip(-1) : tensor;
        return FlipsRows(view) ? columns.flip(-2) : columns;
    }
}
