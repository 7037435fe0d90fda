using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Mlps.ML;

/// <summary>
/// Draws text in a typeface that travels inside this assembly, because containers often have no fonts at all and Skia then draws nothing.
/// </summary>
/// <remarks>The typeface has Latin, Greek and Cyrillic, so that names in these scripts are the same pixels on every machine. Other letters fall back to a font of the machine, or to a visible box.</remarks>
internal sealed class Lettering : IDisposable
{
    private const string ResourceFolder = "Mlps.ML.Pictures.Fonts.";
    private const string Ellipsis = "…";

    private static readonly SKTypeface Regular = LoadTypeface("DejaVuSans-Subset.ttf");
    private static readonly SKTypeface Bold = LoadTypeface("DejaVuSans-Bold-Subset.ttf");

    private readonly SKPaint _paint;
    private readonly SKTypeface _typeface;
    private readonly bool _isBold;

    internal Lettering(float size, SKColor color, bool isBold = false)
    {
        _isBold = isBold;
        _typeface = isBold ? Bold : Regular;
        _paint = new SKPaint { Color = color, TextSize = size, IsAntialias = true, SubpixelText = true, LcdRenderText = false, Typeface = _typeface };
        var metrics = _paint.FontMetrics;
        CapHeight = metrics.CapHeight;
        LineHeight = MathF.Ceiling(size * 1.4f);
    }

    /// <summary>Height of a capital letter above the baseline, in pixels.</summary>
    internal float CapHeight { get; }

    /// <summary>Distance between baselines, in pixels.</summary>
    internal float LineHeight { get; }

    internal float Measure(string text)
    {
        float width = 0;
        foreach ((var run, var face) in Runs(text))
        {
            _paint.Typeface = face;
            width += _paint.MeasureText(run);
        }

        return width;
    }

    /// <summary>The text, or as much of it as fits, followed by an ellipsis.</summary>
    internal string Fit(string text, float maximumWidth)
    {
        if (Measure(text) <= maximumWidth)
        {
            return text;
        }

        var kept = new List<Rune>(text.EnumerateRunes());
        string shortened;
        do
        {
            kept.RemoveAt(kept.Count - 1);
            shortened = string.Concat(kept).TrimEnd() + Ellipsis;
        }
        while (kept.Count > 0 && Measure(shortened) > maximumWidth);

        return shortened;
    }

    /// <summary>Draws text from a left end, vertically centred by its capitals.</summary>
    internal void DrawCentered(SKCanvas canvas, string text, float left, float centerY) =>
        Draw(canvas, text, left, centerY + (CapHeight / 2));

    /// <summary>Draws text from a left end on a baseline.</summary>
    internal void Draw(SKCanvas canvas, string text, float left, float baseline)
    {
        foreach ((var run, var face) in Runs(text))
        {
            _paint.Typeface = face;
            canvas.DrawText(run, left, baseline, _paint);
            left += _paint.MeasureText(run);
        }
    }

    public void Dispose() => _paint.Dispose();

    /// <summary>Splits text where the typeface changes.</summary>
    /// <remarks>Letters stay together with their accents, which no typeface can draw for another.</remarks>
    private IEnumerable<(string Text, SKTypeface Typeface)> Runs(string text)
    {
        if (_typeface.ContainsGlyphs(text))
        {
            yield return (text, _typeface);
            yield break;
        }

        text = RightToLeft.Visual(text, letter => FaceOf(letter) is not null);
        var run = new StringBuilder();
        var current = _typeface;
        var clusters = StringInfo.GetTextElementEnumerator(text);
        while (clusters.MoveNext())
        {
            var cluster = clusters.GetTextElement();
            var face = FaceOf(cluster) ?? _typeface;
            if (face != current && run.Length > 0)
            {
                yield return (run.ToString(), current);
                run.Clear();
            }

            current = face;
            run.Append(cluster);
        }

        yield return (run.ToString(), current);
    }

    private SKTypeface? FaceOf(string cluster) => FallbackTypefaces.Covers(_typeface, cluster) ? _typeface : FallbackTypefaces.For(cluster, _isBold);

    private static SKTypeface LoadTypeface(string file)
    {
        using var stream = typeof(Lettering).Assembly.GetManifestResourceStream(ResourceFolder + file)
            ?? throw new InvalidOperationException($"The typeface '{file}' is missing from {typeof(Lettering).Assembly.GetName().Name}.");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException($"SkiaSharp cannot read the embedded typeface '{file}'.");
    }
}
