namespace Mlps.Torch.Inference;

/// <summary>Overlapping windows of one size that cover an image.</summary>
/// <param name="Height">H of the image, in pixels.</param>
/// <param name="Width">W of the image, in pixels.</param>
/// <param name="WindowHeight">Height of a window, the image's at most.</param>
/// <param name="WindowWidth">Width of a window, the image's at most.</param>
internal sealed record WindowGrid(int Height, int Width, int WindowHeight, int WindowWidth)
{
    /// <summary>The windows' top-left corners, row by row; neighbours overlap by half a window or more, and the last ones end at the image's edge.</summary>
    public IReadOnlyList<(int Top, int Left)> Corners { get; } =
        [.. from top in Starts(Height, WindowHeight) from left in Starts(Width, WindowWidth) select (top, left)];

    /// <summary>Windows of a size over an image; where the image is smaller, the window is as small.</summary>
    public static WindowGrid Over(int height, int width, (int Height, int Width) window) =>
        new(height, width, Math.Min(height, window.Height), Math.Min(width, window.Width));

    private static IEnumerable<int> Starts(int length, int window)
    {
        var stride = Math.Max(1, window / 2);
        for (var start = 0; start + window < length; start += stride)
        {
            yield return start;
        }

        yield return length - window;
    }
}
