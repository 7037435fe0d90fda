using SkiaSharp;

namespace Mlps.ML;

/// <summary>
/// An activation map in heat colours over its image, with the scale of its values beside it.
/// </summary>
/// <remarks>
/// Under the map the image is shown in grey: stains are violet and pink themselves and would shift the hues that carry the values.
/// </remarks>
public static class HeatMapPicture
{
    /// <summary>Draws an activation map.</summary>
    /// <param name="image">The image that the map belongs to.</param>
    /// <param name="map">Values at feature resolution, shape [mapHeight, mapWidth]; values that are not finite leave the image uncovered.</param>
    /// <param name="mapWidth">Width of the map.</param>
    /// <param name="mapHeight">Height of the map.</param>
    /// <param name="options">How to draw; the defaults if null.</param>
    /// <remarks>The map is resized bilinearly with half-pixel centres, as pseudo masks are.</remarks>
    /// <exception cref="ArgumentException">The map does not have mapWidth·mapHeight values, or the picture would have more than 32,767 pixels a side.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option or a size is out of range.</exception>
    public static Picture Draw(RgbImage image, ReadOnlySpan<float> map, int mapWidth, int mapHeight, HeatMapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapHeight, 1);
        options ??= new HeatMapOptions();
        options.Validate();
        if (map.Length != (long)mapWidth * mapHeight)
        {
            throw new ArgumentException($"The map has {map.Length} values; {mapHeight} x {mapWidth} needs {(long)mapWidth * mapHeight}.", nameof(map));
        }

        (var lowest, var highest) = Range(map);
        float low = options.Minimum ?? lowest, high = options.Maximum ?? highest;
        CheckSize((long)image.Width * options.Scale, (long)image.Height * options.Scale);
        var large = Pixels.Resize(image, image.Width * options.Scale, image.Height * options.Scale);
        var heat = Blend(large, map, mapWidth, mapHeight, low, high, options.Opacity);
        using var picture = Compose(heat, low, high, options.Title);
        return Picture.Encode(picture);
    }

    internal static RgbImage Blend(RgbImage image, ReadOnlySpan<float> map, int mapWidth, int mapHeight, float low, float high, double opacity)
    {
        var pixels = image.Pixels.ToArray();
        for (var y = 0; y < image.Height; y++)
        {
            (var top, var bottom, var down) = Neighbours(y, image.Height, mapHeight);
            for (var x = 0; x < image.Width; x++)
            {
                (var left, var right, var across) = Neighbours(x, image.Width, mapWidth);
                var upper = Interpolate(map[(top * mapWidth) + left], map[(top * mapWidth) + right], across);
                var lower = Interpolate(map[(bottom * mapWidth) + left], map[(bottom * mapWidth) + right], across);
                var value = Interpolate(upper, lower, down);
                if (!double.IsFinite(value))
                {
                    continue;
                }

                (var red, var green, var blue) = Viridis.At(high > low ? (value - low) / (high - low) : 0);
                var pixel = pixels.AsSpan(3 * ((y * image.Width) + x), 3);
                var grey = Pixels.Grey(pixel);
                pixel[0] = Pixels.Mix(grey, red, opacity);
                pixel[1] = Pixels.Mix(grey, green, opacity);
                pixel[2] = Pixels.Mix(grey, blue, opacity);
            }
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static double Interpolate(double first, double second, double share) => first + ((second - first) * share);

    private static (int Lower, int Upper, double Share) Neighbours(int position, int size, int mapSize)
    {
        var center = Math.Clamp(((position + 0.5) * mapSize / size) - 0.5, 0, mapSize - 1);
        var lower = (int)center;
        return (lower, Math.Min(lower + 1, mapSize - 1), center - lower);
    }

    /// <summary>The smallest and the largest finite value; zeros if there is none.</summary>
    internal static (float Low, float High) Range(ReadOnlySpan<float> map)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (var value in map)
        {
            if (float.IsFinite(value))
            {
                low = Math.Min(low, value);
                high = Math.Max(high, value);
            }
        }

        return low <= high ? (low, high) : (0, 0);
    }

    private static SKBitmap Compose(RgbImage heat, float low, float high, string? title)
    {
        using var text = new Lettering(Ink.TextSize, Ink.Text);
        using var heading = new Lettering(Ink.TextSize + 2, Ink.Text, isBold: true);
        var bar = new ColorBar(low, high);
        var titleHeight = title is null ? 0 : (int)heading.LineHeight + Ink.Gap;
        var barHeight = Math.Max(heat.Height, ColorBar.SmallestHeight);
        int barLeft = Ink.Margin + heat.Width + (2 * Ink.Gap), top = Ink.Margin + titleHeight;
        var width = barLeft + bar.Width(text) + Ink.Margin;

        CheckSize(width, top + barHeight + Ink.Margin);

        var picture = Pixels.Paper(width, top + barHeight + Ink.Margin);
        using var canvas = new SKCanvas(picture);
        if (title is not null)
        {
            heading.DrawCentered(canvas, heading.Fit(title, width - (2 * Ink.Margin)), Ink.Margin, Ink.Margin + (heading.LineHeight / 2));
        }

        using var bitmap = Pixels.ToBitmap(heat);
        canvas.DrawBitmap(bitmap, Ink.Margin, top);
        Ink.Frame(canvas, Ink.Margin, top, heat.Width, heat.Height);

        bar.Draw(canvas, text, barLeft, top, barHeight);
        return picture;
    }

    private static void CheckSize(long width, long height) =>
        Pixels.CheckPictureSize(width, height, "A heat map", $"use a smaller {nameof(HeatMapOptions)}.{nameof(HeatMapOptions.Scale)} or a smaller image", "image");
}
