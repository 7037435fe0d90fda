namespace Mlps.Torch.Inference;

/// <summary>The eight flips and quarter turns of a square, numbered 0 to 7; 0 is the image as it is.</summary>
internal static partial class ImageViews
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

    /// <summary>Where a view's pixels lie in the memory of the image: row y and column x of the view at <c>Start + (y * Down) + (x * Right)</c>.</summary>
    /// <param name="view">The flip or turn.</param>
    /// <param name="height">Rows of the image as it is.</param>
    /// <param name="width">Columns of the image as it is.</param>
    /// <param name="rowLength">From one row of the image to the next; <paramref name="width"/> or more.</param>
    public static (int Start, int Down, int Right) Walk(int view, int height, int width, int rowLength)
    {
        var (lastRow, lastColumn) = ((height - 1) * rowLength, width - 1);
        return IsTransposed(view)
            ? ((FlipsColumns(view) ? lastRow : 0) + (FlipsRows(view) ? lastColumn : 0), FlipsRows(view) ? -1 : 1, FlipsColumns(view) ? -rowLength : rowLength)
            : ((FlipsRows(view) ? lastRow : 0) + (FlipsColumns(view) ? lastColumn : 0), FlipsRows(view) ? -rowLength : rowLength, FlipsColumns(view) ? -1 : 1);
    }
}
