namespace Mlps.Torch.Inference;

/// <summary>Windows of one size that cover an image.</summary>
/// <param name="Height">H of the image, in pixels.</param>
/// <param name="Width">W of the image, in pixels.</param>
/// <param name="WindowHeight">Height of a window, the image's at most.</param>
/// <param name="WindowWidth">Width of a window, the image's at most.</param>
/// <param name="Overlap">Whether neighbours overlap by half a window or more; else they stand side by side.</param>
internal sealed record WindowGrid(int Height, int Width, int WindowHeight, int WindowWidth, bool Overlap = true)
{
    /// <summary>The windows' top-left corners, row by row; the last ones end at the image's edge, whatever they overlap.</summary>
    public IReadOnlyList<(int Top, int Left)> Corners { get; } =
        [.. from top in Starts(Height, WindowHeight, Overlap) from left in Starts(Width, WindowWidth, Overlap) select (top, left)];

    /// <summary>Windows of a size over an image; where the image is smaller, the window is as small.</summary>
    public static WindowGrid Over(int height, int width, (int Height, int Width) window, bool overlap = true) =>
        new(height, width, Math.Min(height, window.Height), Math.Min(width, window.Width), overlap);

    private static IEnumerable<int> Starts(int length, int window, bool overlap)
    {
        var stride = overlap ? Math.Max(1, window / 2) : window;
        for (var start = 0; start + window < length; start += stride)
        {
            yield return start;
        }

        yield return length - window;
    }
}
