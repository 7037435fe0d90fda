using SkiaSharp;

namespace Mlps.ML;

/// <summary>The orientation that a camera or scanner noted in a JPEG or WebP file (EXIF tag 0x0112), applied to decoded pixels.</summary>
internal static class ImageOrientation
{
    /// <summary>Whether rows of the file are columns of the picture.</summary>
    public static bool SwapsSides(SKEncodedOrigin origin) =>
        origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    /// <summary>Copies pixels to where a viewer shows them.</summary>
    /// <param name="source">Pixels of 4 bytes as the file holds them, row by row.</param>
    /// <param name="width">Pixels of a row of the file.</param>
    /// <param name="height">Rows of the file.</param>
    /// <param name="origin">Where the file's first row and first column are in the picture.</param>
    /// <param name="target">As many pixels; its rows are <paramref name="height"/> pixels long where sides are swapped.</param>
    public static void Apply(ReadOnlySpan<uint> source, int width, int height, SKEncodedOrigin origin, Span<uint> target)
    {
        var (start, right, down) = Steps(origin, width, height);
        for (var y = 0; y < height; y++)
        {
            var row = source.Slice(y * width, width);
            var at = start + (y * down);
            foreach (var pixel in row)
            {
                target[at] = pixel;
                at += right;
            }
        }
    }

    /// <summary>Where the file's first pixel goes, and how far apart in the picture pixels are that are neighbours in the file's rows and columns.</summary>
    private static (int Start, int Right, int Down) Steps(SKEncodedOrigin origin, int width, int height)
    {
        var last = (width * height) - 1;
        return origin switch
        {
            SKEncodedOrigin.TopLeft => (0, 1, width),
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (last, -1, -width),
            SKEncodedOrigin.BottomLeft => ((height - 1) * width, 1, -width),
            SKEncodedOrigin.LeftTop => (0, height, 1),
            SKEncodedOrigin.RightTop => (height - 1, height, -1),
            SKEncodedOrigin.RightBottom => (last, -height, -1),
            SKEncodedOrigin.LeftBottom => ((width - 1) * height, -height, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "Expected an orientation from 1 to 8."),
        };
    }
}
