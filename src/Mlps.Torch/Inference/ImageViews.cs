using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>The eight flips and quarter turns of a square, numbered 0 to 7; 0 is the image as it is.</summary>
internal static class ImageViews
{
    private const int FlipColumns = 1;
    private const int FlipRows = 2;
    private const int Transpose = 4;

    /// <summary>Throws when a number of views is none of 1, 2, 4 and 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such number of views.</exception>
    public static void Check(int views, string name)
    {
        if (views is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(name, views, $"{name} must be 1, 2, 4 or 8.");
        }
    }

    /// <summary>Whether columns run from right to left, after transposing.</summary>
    public static bool FlipsColumns(int view) => (view & FlipColumns) != 0;

    /// <summary>Whether rows run from bottom to top, after transposing.</summary>
    public static bool FlipsRows(int view) => (view & FlipRows) != 0;

    /// <summary>Whether rows and columns change places, before flipping.</summary>
    public static bool IsTransposed(int view) => (view & Transpose) != 0;

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
