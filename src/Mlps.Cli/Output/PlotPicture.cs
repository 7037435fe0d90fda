using System.Globalization;
using Mlps.ML;
using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace Mlps.Cli.Output;

/// <summary>Draws plots in the letters that Mlps.ML brings along: OxyPlot's own exporter takes a typeface of the machine, and fails where there is none.</summary>
internal static class PlotPicture
{
    /// <summary>Draws a plot into a bitmap, which the caller disposes.</summary>
    public static SKBitmap Draw(PlotModel plot, int width, int height)
    {
        // Numbers are the same on every machine, like letters.
        plot.Culture = CultureInfo.InvariantCulture;
        var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        using var context = new Context { RenderTarget = RenderTarget.PixelGraphic, SkCanvas = canvas, UseTextShaping = false };
        ((IPlotModel)plot).Update(updateData: true);
        canvas.Clear(plot.Background.ToSKColor());
        ((IPlotModel)plot).Render(context, new OxyRect(0, 0, width, height));
        return plot.GetLastPlotException() is { } fault ? throw new InvalidOperationException($"The plot cannot be drawn: {fault.Message}", fault) : bitmap;
    }

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] Encode(SKBitmap bitmap)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100) ?? throw new InvalidOperationException($"A picture of {bitmap.Width} x {bitmap.Height} pixels cannot be encoded as PNG.");
        return data.ToArray();
    }

    /// <summary>OxyPlot's drawing, but for its text.</summary>
    private sealed class Context : SkiaRenderContext, IRenderContext
    {
        private const double BoldFrom = 600;

        private static readonly Lazy<SKTypeface> _regular = new(() => Load("DejaVuSans-Subset.ttf"));
        private static readonly Lazy<SKTypeface> _bold = new(() => Load("DejaVuSans-Bold-Subset.ttf"));

        void IRenderContext.DrawText(ScreenPoint p, string text, OxyColor fill, string? fontFamily, double fontSize, double fontWeight, double rotation, HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize)
        {
            if (string.IsNullOrEmpty(text) || !fill.IsVisible())
            {
                return;
            }

            using var paint = Paint(fontSize, fontWeight);
            paint.Color = fill.ToSKColor();
            paint.TextAlign = horizontalAlignment switch
            {
                HorizontalAlignment.Left => SKTextAlign.Left,
                HorizontalAlignment.Right => SKTextAlign.Right,
                _ => SKTextAlign.Center,
            };
            var lines = Lines(text);
            var lineHeight = paint.GetFontMetrics(out var metrics);
            var below = lineHeight * (lines.Length - 1);
            var baseline = verticalAlignment switch
            {
                VerticalAlignment.Top => -metrics.Ascent,
                VerticalAlignment.Bottom => -metrics.Descent - below,
                _ => -(metrics.Ascent + metrics.Descent + below) / 2,
            };

            using var restore = new SKAutoCanvasRestore(SkCanvas);
            SkCanvas.Translate((float)p.X, (float)p.Y);
            SkCanvas.RotateDegrees((float)rotation);
            foreach (var line in lines)
            {
                SkCanvas.DrawText(line, 0, baseline, paint);
                baseline += lineHeight;
            }
        }

        OxySize IRenderContext.MeasureText(string text, string? fontFamily, double fontSize, double fontWeight)
        {
            if (string.IsNullOrEmpty(text))
            {
                return default;
            }

            using var paint = Paint(fontSize, fontWeight);
            var lines = Lines(text);
            return new OxySize(lines.Max(paint.MeasureText), paint.GetFontMetrics(out _) * lines.Length);
        }

        private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

        private static SKPaint Paint(double size, double weight) => new()
        {
            Typeface = (weight >= BoldFrom ? _bold : _regular).Value,
            TextSize = (float)size,
            IsAntialias = true,
            HintingLevel = SKPaintHinting.NoHinting,
            SubpixelText = true,
        };

        private static SKTypeface Load(string file)
        {
            var library = typeof(Picture).Assembly;
            using var stream = library.GetManifestResourceStream("Mlps.ML.Pictures.Fonts." + file) ?? throw new InvalidOperationException($"The typeface '{file}' is missing from {library.GetName().Name}.");
            using var data = SKData.Create(stream);
            return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"SkiaSharp cannot read the typeface '{file}'.");
        }
    }
}
