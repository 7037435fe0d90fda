using static TorchSharp.torch;

namespace Mlps.Torch.Training;

/// <summary>Patches side by side in larger images.</summary>
internal static class Mosaic
{
    /// <summary>Squares of side by side patches, [N/side², C, side·H, side·W]; the patches as they are where their number is no multiple of side².</summary>
    /// <param name="patches">[N, C, H, W]: images or masks.</param>
    /// <param name="side">Patches in a row and in a column of a square.</param>
    public static Tensor Lay(Tensor patches, int side)
    {
        var (count, channels, height, width) = (patches.shape[0], patches.shape[1], patches.shape[2], patches.shape[3]);
        var squares = count / (side * side);
        if (side == 1 || squares * side * side != count)
        {
            return patches;
        }

        using var scope = NewDisposeScope();
        return patches.reshape(squares, side, side, channels, height, width).permute(0, 3, 1, 4, 2, 5).reshape(squares, channels, side * height, side * width).MoveToOuterDisposeScope();
    }
}
