using System.Globalization;
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
    private const int BarWidth = 14;
    private const int BarTicks = 5;
    private const int TickLength = 4;
    private const int SmallestBar = 90;

    /// <summary>Draws an activation map.</summary>
    /// <param name="image">The image that the map belongs to.</param>
    /// <param name="map">Values at feature resolution, shape [mapHeight, mapWidth]; values that are not finite leave the image uncovered.</param>
    /// <param name="mapWidth">Width of the map.</param>
    /// <param name="mapHeight">Height of the map.</param>
    /// <param name="options">How to draw; the defaults if null.</param>
    /// <remarks>The map is resized bilinearly with half-pixel centres, as pseudo masks are.</remarks>
    /// <exception cref="ArgumentException">The map does not have mapWidth·mapHeight values.</exception>
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

        (float low, float high) = Range(map, options);
        RgbImage large = Pixels.Resize(image, image.Width * options.Scale, image.Height * options.Scale);
        RgbImage heat = Blend(large, map, mapWidth, mapHeight, low, high, options.Opacity);
        using SKBitmap picture = Compose(heat, low, high, options.Title);
        return Picture.Encode(picture);
    }

    internal static RgbImage Blend(RgbImage image, ReadOnlySpan<float> map, int mapWidth, int mapHeight, float low, float high, double opacity)
    {
        byte[] pixels = image.Pixels.ToArray();
        for (int y = 0; y < image.Height; y++)
        {
            (int top, int bottom, double down) = Neighbours(y, image.Height, mapHeight);
            for (int x = 0; x < image.Width; x++)
            {
                (int left, int right, double across) = Neighbours(x, image.Width, mapWidth);
                double upper = Interpolate(map[(top * mapWidth) + left], map[(top * mapWidth) + right], across);
                double lower = Interpolate(map[(bottom * mapWidth) + left], map[(bottom * mapWidth) + right], across);
                double value = Interpolate(upper, lower, down);
                if (!double.IsFinite(value))
                {
                    continue;
                }

                (byte red, byte green, byte blue) = Viridis.At(high > low ? (value - low) / (high - low) : 0);
                Span<byte> pixel = pixels.AsSpan(3 * ((y * image.Width) + x), 3);
                byte grey = Pixels.Grey(pixel);
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
        double center = Math.Clamp(((position + 0.5) * mapSize / size) - 0.5, 0, mapSize - 1);
        int lower = (int)center;
        return (lower, Math.Min(lower + 1, mapSize - 1), center - lower);
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> map, HeatMapOptions options)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        foreach (float value in map)
        {
            if (float.IsFinite(value))
            {
                low = Math.Min(low, value);
                high = Math.Max(high, value);
            }
        }

        bool hasValues = low <= high;
        return (options.Minimum ?? (hasValues ? low : 0), options.Maximum ?? (hasValues ? high : 0));
    }

    private static SKBitmap Compose(RgbImage heat, float low, float high, string? title)
    {
        using var text = new Lettering(Ink.TextSize, Ink.Text);
        using var heading = new Lettering(Ink.TextSize + 2, Ink.Text, isBold: true);
        string[] labels = Labels(low, high);
        int labelWidth = (int)Math.Ceiling(labels.Max(text.Measure));
        int titleHeight = title is null ? 0 : (int)heading.LineHeight + Ink.Gap;
        int barHeight = Math.Max(heat.Height, SmallestBar);
        int barLeft = Ink.Margin + heat.Width + (2 * Ink.Gap), top = Ink.Margin + titleHeight;
        int width = barLeft + BarWidth + TickLength + Ink.Gap + labelWidth + Ink.Margin;

        var picture = new SKBitmap(new SKImageInfo(width, top + barHeight + Ink.Margin, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(picture);
        canvas.Clear(Ink.Paper);
        if (title is not null)
        {
            heading.DrawCentered(canvas, heading.Fit(title, width - (2 * Ink.Margin)), Ink.Margin, Ink.Margin + (heading.LineHeight / 2));
        }

        using SKBitmap bitmap = Pixels.ToBitmap(heat);
        canvas.DrawBitmap(bitmap, Ink.Margin, top);
        Ink.Frame(canvas, Ink.Margin, top, heat.Width, heat.Height);

        using var paint = new SKPaint();
        for (int y = 0; y < barHeight; y++)
        {
            paint.Color = Ink.Of(Viridis.At(1 - ((y + 0.5) / barHeight)));
            canvas.DrawRect(barLeft, top + y, BarWidth, 1, paint);
        }

        Ink.Frame(canvas, barLeft, top, BarWidth, barHeight);
        paint.Color = Ink.Muted;
        for (int i = 0; i < labels.Length; i++)
        {
            // The outermost labels stay beside the bar instead of reaching past its ends.
            float tick = top + ((barHeight - 1) * i / (float)(BarTicks - 1));
            float center = Math.Clamp(tick + 0.5f, top + (text.CapHeight / 2), top + barHeight - (text.CapHeight / 2));
            canvas.DrawRect(barLeft + BarWidth + 1, MathF.Floor(tick), TickLength, 1, paint);
            text.DrawCentered(canvas, labels[i], barLeft + BarWidth + TickLength + Ink.Gap, center);
        }

        return picture;
    }

    /// <summary>Values along the bar from its upper end, all with as many decimals as tell them apart; one label if there is one value.</summary>
    private static string[] Labels(double low, double high)
    {
        const int SignificantDigits = 3, MaxDecimals = 4;
        double span = high > low ? high - low : Math.Abs(high);
        int decimals = span == 0 ? 0 : SignificantDigits - 1 - (int)Math.Floor(Math.Log10(span));
        string format = decimals > MaxDecimals || decimals < -MaxDecimals ? "0.00e+0" : "F" + Math.Max(decimals, 0).ToString(CultureInfo.InvariantCulture);
        int count = high > low ? BarTicks : 1;
        return [.. Enumerable.Range(0, count).Select(
            i => (high - ((high - low) * i / (BarTicks - 1))).ToString(format, CultureInfo.InvariantCulture).Replace('-', '−'))];
    }
}
