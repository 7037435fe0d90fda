using SkiaSharp;

namespace Mlps.ML;

/// <summary>Class colours with their names, in lines no wider than the picture.</summary>
internal sealed class Legend
{
    private const int LineHeight = 24;
    private const int EntryGap = 20;
    private const int TextGap = 6;

    private readonly List<(string Name, SKColor Color, float Left, int Line)> entries = [];

    internal Legend(ClassPalette classes, Lettering text, float width)
    {
        IEnumerable<(string Name, SKColor Color)> all = classes.Names.Zip(classes.Colors, (name, color) => (name, Ink.Of(color)));
        if (classes.BackgroundName is { } background)
        {
            all = all.Append((background, Ink.Of(classes.BackgroundColor)));
        }

        float left = 0;
        int line = 0;
        foreach ((string name, SKColor color) in all)
        {
            string fitted = text.Fit(name, width - Ink.SwatchSize - TextGap);
            float entryWidth = Ink.SwatchSize + TextGap + text.Measure(fitted);
            if (left > 0 && left + entryWidth > width)
            {
                left = 0;
                line++;
            }

            entries.Add((fitted, color, left, line));
            left += entryWidth + EntryGap;
        }

        Height = (line + 1) * LineHeight;
    }

    internal int Height { get; }

    internal void Draw(SKCanvas canvas, Lettering text, float left, float top)
    {
        foreach ((string name, SKColor color, float offset, int line) in entries)
        {
            float swatchLeft = MathF.Round(left + offset), center = top + (line * LineHeight) + (LineHeight / 2f);
            Ink.Swatch(canvas, swatchLeft, center - (Ink.SwatchSize / 2), Ink.SwatchSize, color);
            text.DrawCentered(canvas, name, swatchLeft + Ink.SwatchSize + TextGap, center);
        }
    }
}
