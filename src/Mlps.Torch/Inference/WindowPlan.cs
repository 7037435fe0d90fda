namespace Mlps.Torch.Inference;

/// <summary>All windows over an image, in all its views, from top to bottom.</summary>
internal sealed class WindowPlan
{
    private WindowPlan(int height, int width, int views, WindowWeights weights, IEnumerable<ImageWindow> windows)
    {
        (Height, Width, Views) = (height, width, views);
        Windows = [.. windows.OrderBy(window => window.Top).ThenBy(window => window.Height).ThenBy(window => window.View).ThenBy(window => window.Left)];

        // A view in one window has nothing to blend.
        Weights = Windows.Count == views ? WindowWeights.Uniform : weights;
    }

    /// <summary>H of the image, in pixels.</summary>
    public int Height { get; }

    /// <summary>W of the image, in pixels.</summary>
    public int Width { get; }

    /// <summary>Flips and turns.</summary>
    public int Views { get; }

    /// <summary>What each pixel of a window counts.</summary>
    public WindowWeights Weights { get; }

    /// <summary>The windows, ordered by their first row; windows of one shape follow each other.</summary>
    public IReadOnlyList<ImageWindow> Windows { get; }

    /// <summary>Whether the network sees the whole image at once, as it is.</summary>
    public bool IsWhole => Windows.Count == 1;

    /// <summary>Covers an image with windows; each view has its own grid, so that a flipped image gets flipped results.</summary>
    /// <param name="height">H of the image, in pixels.</param>
    /// <param name="width">W of the image, in pixels.</param>
    /// <param name="window">Height and width of a window; at most the image's are used.</param>
    /// <param name="overlap">Whether neighbours overlap by half or more.</param>
    /// <param name="views">Flips and turns: 1, 2, 4 or 8.</param>
    /// <param name="weights">What each pixel of a window counts.</param>
    public static WindowPlan Over(int height, int width, (int Height, int Width) window, bool overlap = true, int views = 1, WindowWeights weights = WindowWeights.Uniform) =>
        new(height, width, views, weights, Enumerable.Range(0, views).SelectMany(view => Place(view, height, width, window, overlap)));

    /// <summary>For a view, the total weight of all windows on each row and each column of the image; a pixel's total weight is their product.</summary>
    public (float[] Rows, float[] Columns) TotalWeights(int view)
    {
        var windows = Windows.Where(window => window.View == view).ToArray();
        return (
            Total(Height, windows.Select(window => (window.Top, window.Height)).Distinct()),
            Total(Width, windows.Select(window => (window.Left, window.Width)).Distinct()));
    }

    private static IEnumerable<ImageWindow> Place(int view, int height, int width, (int Height, int Width) window, bool overlap)
    {
        var (seenHeight, seenWidth) = ImageViews.IsTransposed(view) ? (width, height) : (height, width);
        var grid = WindowGrid.Over(seenHeight, seenWidth, window, overlap);
        foreach (var (top, left) in grid.Corners)
        {
            var row = ImageViews.FlipsRows(view) ? seenHeight - top - grid.WindowHeight : top;
            var column = ImageViews.FlipsColumns(view) ? seenWidth - left - grid.WindowWidth : left;
            yield return ImageViews.IsTransposed(view)
                ? new ImageWindow(view, column, row, grid.WindowWidth, grid.WindowHeight)
                : new ImageWindow(view, row, column, grid.WindowHeight, grid.WindowWidth);
        }
    }

    private float[] Total(int length, IEnumerable<(int Start, int Length)> windows)
    {
        var total = new float[length];
        foreach (var (start, side) in windows)
        {
            var weights = Weights.Along(side);
            for (var pixel = 0; pixel < side; pixel++)
            {
                total[start + pixel] += weights[pixel];
            }
        }

        return total;
    }
}
