namespace Mlps.Torch.Inference;

/// <summary>A part of an image that a network sees in one piece, in one of the image's flips and turns.</summary>
/// <param name="View">The flip or turn, see <see cref="ImageViews"/>.</param>
/// <param name="Top">First row, in the image as it is.</param>
/// <param name="Left">First column, in the image as it is.</param>
/// <param name="Height">Rows, in the image as it is.</param>
/// <param name="Width">Columns, in the image as it is.</param>
internal readonly record struct ImageWindow(int View, int Top, int Left, int Height, int Width)
{
    /// <summary>The row after the last one.</summary>
    public int Bottom => Top + Height;
}
