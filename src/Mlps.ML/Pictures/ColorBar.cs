using System.Globalization;
using SkiaSharp;

namespace Mlps.ML;

/// <summary>The scale of a heat map: its colours from low (below) to high, with values beside them.</summary>
internal sealed class ColorBar
{
    /// <summary>Labels run into each other on a bar that is lower than this.</summary>
    internal const int SmallestHeight = 90;

    private const int Ticks = 5;
    private const int Thickness = 14;
    private const int TickLength = 4;

    private readonly string[] _labels;

    internal ColorBar(double low, double high) => _labels = Labels(low, high);

    /// <summary>Width of the bar together with its labels, in pixels.</summary>
    internal int Width(Lettering text) => Thickness + TickLength + Ink.Gap + (int)Math.Ceiling(_labels.Max(text.Measure));

    internal void Draw(SKCanvas canvas, Lettering text, int left, int top, int height)
    {
        using var paint = new SKPaint();
        for (var y = 0; y < height; y++)
        {
            paint.Color = Ink.ToSkia(Viridis.At(1 - ((y + 0.5) / height)));
            canvas.DrawRect(left, top + y, Thickness, 1, paint);
        }

        Ink.Frame(canvas, left, top, Thickness, height);
        paint.Color = Ink.Muted;
        for (var i = 0; i < _labels.Length; i++)
        {
            // The outermost labels stay beside the bar instead of reaching past its ends.
            var tick = top + ((height - 1) * i / (float)(Ticks - 1));
            var center = Math.Clamp(tick + 0.5f, top + (text.CapHeight / 2), top + height - (text.CapHeight / 2));
            canvas.DrawRect(left + Thickness + 1, MathF.Floor(tick), TickLength, 1, paint);
            text.DrawCentered(canvas, _labels[i], left + Thickness + TickLength + Ink.Gap, center);
        }
    }

    /// <summary>Values along the bar from its upper end, all with as many decimals as tell them apart; one label if there is one value.</summary>
    private static string[] Labels(double low, double high)
    {
        const int SignificantDigits = 3, MaxDecimals = 4;
        var span = high > low ? high - low : Math.Abs(high);
        var decimals = span == 0 ? 0 : SignificantDigits - 1 - (int)Math.Floor(Math.Log10(span));
        var format = decimals > MaxDecimals || decimals < -MaxDecimals ? "0.00e+0" : "F" + Math.Max(decimals, 0).ToString(CultureInfo.InvariantCulture);
        var count = high > low ? Ticks : 1;
        return [.. Enumerable.Range(0, count).Select(
            i => (high - ((high - low) * i / (Ticks - 1))).ToString(format, CultureInfo.InvariantCulture).Replace('-', '−'))];
    }
}
