using Mlps.Torch.Networks;
using static TorchSharp.torch;

namespace Mlps.Torch.Inference;

/// <summary>The classifier's cells of 8x8 pixels over an image.</summary>
/// <remarks>The last row and column of cells may reach over the image's edge.</remarks>
internal static class CellGrid
{
    /// <summary>Pixels along a side of a cell.</summary>
    public const int Side = ClassifierNetwork.OutputStride;

    /// <summary>Cells along so many pixels.</summary>
    public static int Count(int pixels) => (pixels + Side - 1) / Side;

    /// <summary>The cells whose centres lie in a window along one axis; a cut-off cell has its centre within the image.</summary>
    /// <param name="start">First pixel of the window.</param>
    /// <param name="length">Pixels of the window.</param>
    /// <param name="imageLength">Pixels of the image.</param>
    public static (int First, int Count) CentredIn(int start, int length, int imageLength)
    {
        var cells = Count(imageLength);
        int first = cells, last = -1;
        for (var cell = Math.Max(0, (start / Side) - 1); cell < cells && (cell * Side) < start + length; cell++)
        {
            var centre = Math.Min((cell * Side) + (Side / 2), imageLength - 1);
            if (centre >= start && centre < start + length)
            {
                first = Math.Min(first, cell);
                last = cell;
            }
        }

        return (Math.Min(first, cells - 1), Math.Max(0, last - first + 1));
    }

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
