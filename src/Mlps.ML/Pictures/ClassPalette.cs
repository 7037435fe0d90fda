namespace Mlps.ML;

/// <summary>
/// The names and colours in which classes are drawn.
/// </summary>
public sealed class ClassPalette
{
    /// <summary>Creates a palette.</summary>
    /// <param name="names">Names of the C tissue classes, in the order of their indices; at least one.</param>
    /// <param name="colors">Their colours, as many.</param>
    /// <param name="backgroundName">Name of index C in legends; null where the classes have no background.</param>
    /// <param name="backgroundColor">Colour of index C in solid masks; white if null.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or are empty or too long.</exception>
    public ClassPalette(
        IReadOnlyList<string> names,
        IReadOnlyList<(byte Red, byte Green, byte Blue)> colors,
        string? backgroundName = null,
        (byte Red, byte Green, byte Blue)? backgroundColor = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(colors);
        if (names.Count is < 1 or > byte.MaxValue)
        {
            throw new ArgumentException($"A palette has 1 to {byte.MaxValue} tissue classes; got {names.Count}.", nameof(names));
        }

        if (colors.Count != names.Count)
        {
            throw new ArgumentException($"There are {names.Count} class names and {colors.Count} colours; each class needs one colour.", nameof(colors));
        }

        Names = [.. names];
        Colors = [.. colors];
        BackgroundName = backgroundName;
        BackgroundColor = backgroundColor ?? (byte.MaxValue, byte.MaxValue, byte.MaxValue);
    }

    /// <summary>Number of tissue classes C; the index C itself is background.</summary>
    public int Count => Names.Count;

    /// <summary>Names of the tissue classes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Colours of the tissue classes.</summary>
    public IReadOnlyList<(byte Red, byte Green, byte Blue)> Colors { get; }

    /// <summary>Name of background in legends; null where the classes have none.</summary>
    public string? BackgroundName { get; }

    /// <summary>Colour of background in solid masks.</summary>
    public (byte Red, byte Green, byte Blue) BackgroundColor { get; }

    internal (byte Red, byte Green, byte Blue) ColorOf(byte index) => index == Count ? BackgroundColor : Colors[index];
}
