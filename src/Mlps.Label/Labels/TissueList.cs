using Mlps.ML;

namespace Mlps.Label;

/// <summary>Tissues as they are named on a command line.</summary>
internal static class TissueList
{
    private static readonly string[] _colors = ["#CD3333", "#4169E1", "#3CB371", "#FFA500", "#9932CC", "#00CED1", "#FFD700", "#8B4513", "#FF69B4"];

    /// <summary>Reads <c>tumor,stroma,lymphocyte</c>.</summary>
    /// <param name="names">Names with commas between them.</param>
    /// <param name="colors">A colour for each, as in <c>#CD3333,#4169E1</c>; null for colours that differ well.</param>
    /// <param name="background">What white background is called, where patches show bare glass; null where they do not.</param>
    /// <exception cref="FormatException">A name or colour is missing or occurs twice, or a colour is none.</exception>
    public static TissueClasses Parse(string names, string? colors, string? background)
    {
        var all = names.Split(',', StringSplitOptions.TrimEntries);
        TissueColor[] painted = colors is null
            ? [.. all.Select((_, index) => Color(index))]
            : [.. colors.Split(',', StringSplitOptions.TrimEntries).Select(color => TissueColor.Parse(color.StartsWith('#') ? color : '#' + color))];
        if (painted.Length != all.Length)
        {
            throw new FormatException($"--colors has {painted.Length} colours, and --classes {all.Length} tissues: give a colour for each.");
        }

        try
        {
            return new TissueClasses(all.Zip(painted, (name, color) => new TissueClass(name, color)), background is null ? null : new TissueClass(background, TissueColor.White));
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"--classes {names}: {exception.Message}", exception);
        }
    }

    /// <summary>A tissue's place among the classes; −1 where none has the name.</summary>
    public static int PlaceOf(TissueClasses classes, string name)
    {
        var composed = NameForm.Compose(name);
        for (var place = 0; place < classes.Count; place++)
        {
            if (classes[place].Name == composed)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>Colours for all that there may be: nine chosen ones, then hues around the circle.</summary>
    private static TissueColor Color(int index)
    {
        if (index < _colors.Length)
        {
            return TissueColor.Parse(_colors[index]);
        }

        const double GoldenAngle = 137.508;
        var hue = index * GoldenAngle % 360 / 60;
        return new TissueColor(Channel(5), Channel(3), Channel(1));

        byte Channel(int offset) => (byte)(255 * 0.85 * (1 - (0.7 * Math.Clamp(Math.Min((offset + hue) % 6, 4 - ((offset + hue) % 6)), 0, 1))));
    }
}
