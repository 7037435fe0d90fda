using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>The steps by which tissue is found in a small picture.</summary>
internal static class TissueFilter
{
    private const int RgbBytes = SourceLevel.RgbBytes;

    /// <summary>Saturation of each pixel in HSV, 0 to 255; 0 where the pixel is almost black.</summary>
    public static byte[] Saturation(ReadOnlySpan<byte> rgb, int darkest)
    {
        var saturation = new byte[rgb.Length / RgbBytes];
        for (var i = 0; i < saturation.Length; i++)
        {
            var (red, green, blue) = (rgb[RgbBytes * i], rgb[(RgbBytes * i) + 1], rgb[(RgbBytes * i) + 2]);
            var (largest, smallest) = (Math.Max(red, Math.Max(green, blue)), Math.Min(red, Math.Min(green, blue)));
            saturation[i] = largest == 0 || largest < darkest ? (byte)0 : (byte)(((byte.MaxValue * (largest - smallest)) + (largest / 2)) / largest);
        }

        return saturation;
    }

    /// <summary>The median of the square around each pixel; beyond the border its pixels are repeated.</summary>
    public static byte[] Median(byte[] values, int width, int height, int size)
    {
        if (size == 1)
        {
            return values;
        }

        var (radius, rank) = (size / 2, size * size / 2);
        var medians = new byte[values.Length];
        ParallelLoop.For(height, y =>
        {
            Span<int> counts = stackalloc int[byte.MaxValue + 1];
            counts.Clear();
            for (var column = -radius; column <= radius; column++)
            {
                Count(counts, column, 1);
            }

            // How many values of the window are below the median of the pixel before.
            var (median, below) = (0, 0);
            for (var x = 0; x < width; x++)
            {
                if (x > 0)
                {
                    below += Count(counts, x - radius - 1, -1, median) + Count(counts, x + radius, 1, median);
                }

                while (below > rank)
                {
                    below -= counts[--median];
                }

                while (below + counts[median] <= rank)
                {
                    below += counts[median++];
                }

                medians[(y * width) + x] = (byte)median;
            }

            int Count(Span<int> histogram, int column, int change, int limit = 0)
            {
                var changed = 0;
                var x = Math.Clamp(column, 0, width - 1);
                for (var row = y - radius; row <= y + radius; row++)
                {
                    var value = values[(Math.Clamp(row, 0, height - 1) * width) + x];
                    histogram[value] += change;
                    changed += value < limit ? change : 0;
                }

                return changed;
            }
        });
        return medians;
    }

    /// <summary>Closes gaps that a square of this side does not fit into.</summary>
    /// <remarks>What lies beyond the border counts neither way, so that tissue there stays.</remarks>
    public static bool[] Close(bool[] mask, int width, int height, int size)
    {
        var (before, after) = (size / 2, size - 1 - (size / 2));
        var grown = Spread(mask, width, height, before, after, value: true);
        return Spread(grown, width, height, after, before, value: false);
    }

    /// <summary>Leaves out pieces of fewer pixels; pixels that touch at a corner belong together.</summary>
    public static void RemoveObjects(bool[] mask, int width, int height, double smallest) =>
        Components.Visit(mask, width, height, value: true, touchesAtCorners: true, (pixels, _) =>
        {
            if (pixels.Count < smallest)
            {
                pixels.Fill(mask, false);
            }
        });

    /// <summary>Fills holes of fewer pixels.</summary>
    /// <remarks>What touches the border is no hole.</remarks>
    public static void FillHoles(bool[] mask, int width, int height, double largest) =>
        Components.Visit(mask, width, height, value: false, touchesAtCorners: false, (pixels, touchesBorder) =>
        {
            if (!touchesBorder && pixels.Count < largest)
            {
                pixels.Fill(mask, true);
            }
        });

    /// <summary>Spreads a value over a rectangle around each pixel that has it: from <paramref name="before"/> pixels before to <paramref name="after"/> behind, seen from the pixel that gets it.</summary>
    private static bool[] Spread(bool[] mask, int width, int height, int before, int after, bool value)
    {
        var rows = new bool[mask.Length];
        for (var y = 0; y < height; y++)
        {
            SpreadLine(mask, rows, y * width, step: 1, width, before, after, value);
        }

        var both = new bool[mask.Length];
        for (var x = 0; x < width; x++)
        {
            SpreadLine(rows, both, x, width, height, before, after, value);
        }

        return both;
    }

    private static void SpreadLine(bool[] from, bool[] to, int start, int step, int count, int before, int after, bool value)
    {
        var near = 0;
        for (var i = 0; i < Math.Min(after, count); i++)
        {
            near += from[start + (i * step)] == value ? 1 : 0;
        }

        for (var i = 0; i < count; i++)
        {
            if (i + after < count && from[start + ((i + after) * step)] == value)
            {
                near++;
            }

            to[start + (i * step)] = near > 0 ? value : !value;
            if (i - before >= 0 && from[start + ((i - before) * step)] == value)
            {
                near--;
            }
        }
    }
}
