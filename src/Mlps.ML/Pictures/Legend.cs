using SkiaSharp;

namespace Mlps.ML;

/// <summary>Class colours with their names, in lines no wider than the picture.</summary>
internal sealed class Legend
{
    private const int LineHeight = 24;
    private const int EntryGap = 20;
    private const int TextGap = 6;

    private readonly List<(string Name, SKColor Color, float Left, int Line)> _entries = [];

    internal Legend(TissueClasses classes, Lettering text, float width)
    {
        var all = classes.Background is { } background ? classes.Append(background) : classes;

        float left = 0;
        var line = 0;
        foreach (var tissue in all)
        {
            var fitted = text.Fit(tissue.Name, width - Ink.SwatchSize - TextGap);
            var entryWidth = Ink.SwatchSize + TextGap + text.Measure(fitted);
            if (left > 0 && left + entryWidth > width)
            {
                left = 0;
                line++;
            }

            _entries.Add((fitted, Ink.ToSkia(tissue.Color), left, line));
            left += entryWidth + EntryGap;
        }

        Height = (line + 1) * LineHeight;
    }

    internal int Height { get; }

    internal void Draw(SKCanvas canvas, Lettering text, float left, float top)
    {
        foreach ((var name, var color, var offset, var line) in _entries)
        {
            float swatchLeft = MathF.Round(left + offset), center = top + (line * LineHeight) + (LineHeight / 2f);
            Ink.Swatch(canvas, swatchLeft, center - (Ink.SwatchSize / 2), Ink.SwatchSize, color);
            text.DrawCentered(canvas, name, swatchLeft + Ink.SwatchSize + TextGap, center);
        }
    }
}
