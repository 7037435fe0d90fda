using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Reads a level at another scale: the mean over each new pixel's area where it shrinks, bilinear where it enlarges.</summary>
internal static class Resampling
{
    private const int RgbBytes = SourceLevel.RgbBytes;

    /// <summary>Below this scale pixels are interpolated; the mean over less than a pixel would repeat pixels.</summary>
    private const double SmallestMean = 0.98;

    /// <summary>Parts of a pixel that are rounding and no shift.</summary>
    public const double Noise = 1e-4;

    /// <summary>Memory for rows of the level while they are averaged.</summary>
    private const int BandBytes = 64 << 20;

    /// <summary>Reads a region.</summary>
    /// <param name="level">The level.</param>
    /// <param name="x">Left border in pixels of the level.</param>
    /// <param name="y">Upper border.</param>
    /// <param name="scaleX">Pixels of the level along a new pixel.</param>
    /// <param name="scaleY">Pixels of the level down a new pixel.</param>
    /// <param name="width">New pixels in a row.</param>
    /// <param name="height">New rows.</param>
    /// <param name="rgb">The new pixels [height, width, 3].</param>
    public static void Read(LevelWindow level, double x, double y, double scaleX, double scaleY, int width, int height, Span<byte> rgb)
    {
        if (IsWhole(x) && IsWhole(y) && IsSame(scaleX, width) && IsSame(scaleY, height))
        {
            level.Copy((long)Math.Round(x), (long)Math.Round(y), width, height, rgb);
        }
        else if (Math.Min(scaleX, scaleY) >= SmallestMean)
        {
            Average(level, new PixelSpans(x, scaleX, width), new PixelSpans(y, scaleY, height), rgb);
        }
        else
        {
            Interpolate(level, x, y, scaleX, scaleY, width, height, rgb);
        }
    }

    private static bool IsWhole(double position) => Math.Abs(position - Math.Round(position)) < Noise;

    private static bool IsSame(double scale, int pixels) => Math.Abs(scale - 1) * pixels < Noise;

    private static void Average(LevelWindow level, PixelSpans columns, PixelSpans rows, Span<byte> rgb)
    {
        var sourceWidth = checked((int)(columns.End - columns.Start));
        var lineLength = checked(sourceWidth * RgbBytes);
        var bandRows = (int)Math.Clamp(BandBytes / lineLength, 1, level.Source.TileHeight);
        using var band = new PixelMemory(lineLength * bandRows);
        var length = columns.Count * RgbBytes;
        var line = ArrayPool<float>.Shared.Rent(length);
        var sum = ArrayPool<float>.Shared.Rent(length);
        try
        {
            Array.Clear(sum, 0, length);
            var (target, bandStart, bandEnd) = (0, rows.Start, rows.Start);
            for (var row = rows.Start; row < rows.End; row++)
            {
                if (row >= bandEnd)
                {
                    // Bands end where tiles end, so that no tile is read for two of them.
                    bandStart = row;
                    var tileEnd = row < 0 ? 0 : ((row / level.Source.TileHeight) + 1) * level.Source.TileHeight;
                    bandEnd = Math.Min(Math.Min(row + bandRows, tileEnd), rows.End);
                    level.Copy(columns.Start, bandStart, sourceWidth, (int)(bandEnd - bandStart), band.Bytes[..(int)(lineLength * (bandEnd - bandStart))]);
                }

                columns.Mean(band.Bytes.Slice((int)(row - bandStart) * lineLength, lineLength), line);
                while (target < rows.Count)
                {
                    var (from, to) = rows[target];
                    var weight = (float)((Math.Min(to, row + 1) - Math.Max(from, row)) / (to - from));
                    if (weight > 0)
                    {
                        Add(line.AsSpan(0, length), weight, sum.AsSpan(0, length));
                    }

                    if (to > row + 1)
                    {
                        break;
                    }

                    Store(sum.AsSpan(0, length), rgb.Slice(target * length, length));
                    Array.Clear(sum, 0, length);
                    target++;
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(line);
            ArrayPool<float>.Shared.Return(sum);
        }
    }

    private static void Add(ReadOnlySpan<float> line, float weight, Span<float> sum)
    {
        var from = MemoryMarshal.Cast<float, Vector<float>>(line);
        var to = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (var i = 0; i < from.Length; i++)
        {
            to[i] += from[i] * weight;
        }

        for (var i = from.Length * Vector<float>.Count; i < line.Length; i++)
        {
            sum[i] += weight * line[i];
        }
    }

    private static void Store(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (var i = 0; i < values.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp((int)(values[i] + 0.5f), 0, byte.MaxValue);
        }
    }

    private static void Interpolate(LevelWindow level, double x, double y, double scaleX, double scaleY, int width, int height, Span<byte> rgb)
    {
        var left = (long)Math.Floor(x + (0.5 * scaleX) - 0.5);
        var top = (long)Math.Floor(y + (0.5 * scaleY) - 0.5);
        var sourceWidth = checked((int)((long)Math.Floor(x + ((width - 0.5) * scaleX) - 0.5) + 2 - left));
        var sourceHeight = checked((int)((long)Math.Floor(y + ((height - 0.5) * scaleY) - 0.5) + 2 - top));
        using var pixels = new PixelMemory(checked(sourceWidth * sourceHeight * RgbBytes));
        var source = pixels.Bytes;
        level.Copy(left, top, sourceWidth, sourceHeight, source);
        for (var row = 0; row < height; row++)
        {
            var (line, lower) = Place(y + ((row + 0.5) * scaleY) - 0.5 - top);
            for (var column = 0; column < width; column++)
            {
                var (pixel, right) = Place(x + ((column + 0.5) * scaleX) - 0.5 - left);
                var at = ((line * sourceWidth) + pixel) * RgbBytes;
                for (var channel = 0; channel < RgbBytes; channel++, at++)
                {
                    var upperValue = source[at] + (right * (source[at + RgbBytes] - source[at]));
                    var below = at + (sourceWidth * RgbBytes);
                    var lowerValue = source[below] + (right * (source[below + RgbBytes] - source[below]));
                    rgb[(((row * width) + column) * RgbBytes) + channel] = (byte)(upperValue + (lower * (lowerValue - upperValue)) + 0.5f);
                }
            }
        }
    }

    private static (int Pixel, float Part) Place(double position)
    {
        var pixel = Math.Floor(position);
        return ((int)pixel, (float)(position - pixel));
    }
}
