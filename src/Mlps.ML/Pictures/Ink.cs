using SkiaSharp;

namespace Mlps.ML;

/// <summary>The few colours and sizes that all composed pictures share.</summary>
internal static class Ink
{
    internal static readonly SKColor Paper = SKColors.White;
    internal static readonly SKColor Text = new(0x22, 0x26, 0x2B);
    internal static readonly SKColor Muted = new(0x6B, 0x72, 0x7B);
    internal static readonly SKColor Line = new(0xD5, 0xD9, 0xDE);

    internal const int Margin = 24;
    internal const int Gap = 10;
    internal const float TextSize = 13;
    internal const float TitleSize = 18;
    internal const int SwatchSize = 14;

    internal static SKColor ToSkia(TissueColor color) => new(color.Red, color.Green, color.Blue);

    /// <summary>A frame of one pixel just outside a rectangle.</summary>
    internal static void Frame(SKCanvas canvas, float left, float top, float width, float height)
    {
        using var paint = new SKPaint { Color = Line, IsStroke = true, StrokeWidth = 1, IsAntialias = false };
        canvas.DrawRect(left - 0.5f, top - 0.5f, width + 1, height + 1, paint);
    }

    /// <summary>A square in a class colour, framed so that white shows too.</summary>
    internal static void Swatch(SKCanvas canvas, float left, float top, int size, SKColor color)
    {
        using var paint = new SKPaint { Color = color };
        canvas.DrawRect(left, top, size, size, paint);
        Frame(canvas, left, top, size, size);
    }
}
