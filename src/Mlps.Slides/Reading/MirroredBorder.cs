namespace Mlps.Slides;

/// <summary>Fills what lies beyond a picture's right and lower borders with its mirror image.</summary>
internal static class MirroredBorder
{
    private const int Channels = 3;

    /// <summary>Fills a region's pixels from the given ones on.</summary>
    /// <param name="rgb">[height, width, 3].</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="columns">Columns that are inside; all where it is <paramref name="width"/> or more, and then nothing is done.</param>
    /// <param name="rows">Rows that are inside.</param>
    public static void Fill(Span<byte> rgb, int width, int height, int columns, int rows)
    {
        if (columns < 1 || rows < 1)
        {
            return;
        }

        var stride = width * Channels;
        for (var y = 0; y < Math.Min(height, rows) && columns < width; y++)
        {
            var line = rgb.Slice(y * stride, stride);
            for (var x = columns; x < width; x++)
            {
                line.Slice(Inside(x, columns) * Channels, Channels).CopyTo(line[(x * Channels)..]);
            }
        }

        for (var y = rows; y < height; y++)
        {
            rgb.Slice(Inside(y, rows) * stride, stride).CopyTo(rgb[(y * stride)..]);
        }
    }

    /// <summary>The place that mirrors one beyond the border; back and forth where the picture is small.</summary>
    private static int Inside(int place, int count)
    {
        var folded = place % (2 * count);
        return folded < count ? folded : (2 * count) - 1 - folded;
    }
}
