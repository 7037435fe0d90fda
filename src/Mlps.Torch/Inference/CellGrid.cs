namespace Mlps.Torch.Inference;

/// <summary>The classifier's cells of 8x8 pixels over an image.</summary>
/// <remarks>The last row and column of cells may reach over the image's edge.</remarks>
internal static partial class CellGrid
{
    /// <summary>Pixels along a side of a cell.</summary>
    public const int Side = 8;

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
}
