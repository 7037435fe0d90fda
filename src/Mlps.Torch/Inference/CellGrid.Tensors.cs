using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <content>Cells of tensors.</content>
internal static partial class CellGrid
{
    /// <summary>Each cell's value over its pixels: [N, C, rows, width] from [N, C, h, w]; a single cell stays as it is.</summary>
    /// <param name="cells">[N, C, h, w].</param>
    /// <param name="top">First row of pixels that is needed.</param>
    /// <param name="rows">Rows of pixels that are needed.</param>
    /// <param name="width">Pixels along a row.</param>
    public static Tensor Spread(Tensor cells, int top, int rows, int width)
    {
        if (cells.shape[2] == 1 && cells.shape[3] == 1)
        {
            return cells.alias();
        }

        using var scope = NewDisposeScope();
        var first = top / Side;
        var needed = cells.narrow(2, first, Count(top + rows) - first);
        return needed.repeat_interleave(Side, 2).narrow(2, top - (first * Side), rows).repeat_interleave(Side, 3).narrow(3, 0, width).MoveToOuterDisposeScope();
    }
}
