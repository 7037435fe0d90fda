namespace Mlps.ML.Png;

/// <summary>Compares a mask's palette with the classes' colours: in another order they say that the indices mean other classes.</summary>
/// <remarks>
/// Palettes of other colours say nothing: grey ramps, or what a program paints indices with by itself. A few of them meet a class's colour by chance, greys above all,
/// so that a palette counts as the classes' own only where all its colours are theirs, but for one that may stand for background.
/// </remarks>
internal static class MaskPalette
{
    private static readonly TissueColor _black = new(0, 0, 0);

    /// <summary>Refuses a palette that has the classes' colours in another order.</summary>
    /// <param name="palette">The colour of each index.</param>
    /// <param name="indices">The mask, each index below the number of colours.</param>
    /// <param name="classes">The classes that index and colour may name.</param>
    /// <param name="path">The mask's path, for messages.</param>
    /// <exception cref="TissueDataException">The palette contradicts the classes.</exception>
    public static void RequireOrder(IReadOnlyList<TissueColor> palette, ReadOnlySpan<byte> indices, TissueClasses classes, string path)
    {
        var count = Math.Min(palette.Count, classes.Palette.Count);
        var isInOrder = true;
        for (var index = 0; index < count && isInOrder; index++)
        {
            isInOrder = ClassOf(palette[index], classes) is not { } meant || meant == index;
        }

        // Nearly every mask leaves here, before its pixels are looked at.
        if (isInOrder)
        {
            return;
        }

        var occurs = new bool[palette.Count];
        foreach (var index in indices)
        {
            occurs[index] = true;
        }

        Entry[] entries = [.. Enumerable.Range(0, count).Select(index => Entry.Create(index, palette, classes, occurs[index]))];
        if (Contradicts(entries, needsColour: false) || Contradicts([.. entries.Where(entry => entry.Occurs)], needsColour: true))
        {
            throw Fault(entries, classes, path);
        }
    }

    /// <summary>Whether these entries are the classes' colours in another order.</summary>
    /// <param name="entries">Some of the palette.</param>
    /// <param name="needsColour">Whether a grey at another place is no proof, because the entries are too few to tell a grey ramp.</param>
    private static bool Contradicts(Entry[] entries, bool needsColour)
    {
        var wrong = entries.Where(entry => entry.IsWrong).ToArray();
        var matches = entries.Count(entry => entry.Meant is not null);
        var hasColour = wrong.Any(entry => !entry.IsGrey);
        var strangers = entries.Where(entry => entry.Meant is null).ToArray();
        var others = strangers.Length - (hasColour && strangers.Any(entry => entry.Color == _black || entry.Color == TissueColor.White) ? 1 : 0);
        return wrong.Length > 0 && (hasColour || !needsColour || matches > 1) && others <= 1 && matches > others;
    }

    private static TissueDataException Fault(Entry[] entries, TissueClasses classes, string path)
    {
        var mapping = entries.Select(entry => $"index {entry.Index} has {entry.Color}, the colour of {(entry.Meant is { } meant ? Name(meant, classes) : "no class")}, and means {Name(entry.Index, classes)}");
        return new TissueDataException(
            path,
            $"The mask's palette has the colours of the dataset's classes in another order: {string.Join("; ", mapping)}.",
            "If the colours are right, write the masks anew with indices in the order of dataset.json and the index after the last class for background, or list the classes in dataset.json in the masks' order, which the labels of train must follow too. If the indices are right, write the masks with the colours of dataset.json, or as greyscale PNGs.")
        {
            ContradictsClasses = true,
        };
    }

    private static string Name(int index, TissueClasses classes) => index < classes.Count ? $"'{classes[index].Name}'" : $"'{classes.Background?.Name ?? "background"}'";

    private static int? ClassOf(TissueColor color, TissueClasses classes)
    {
        for (var index = 0; index < classes.Palette.Count; index++)
        {
            if (classes.Palette[index] == color)
            {
                return index;
            }
        }

        return null;
    }

    /// <summary>An index of a mask with its colour and the class of that colour.</summary>
    private sealed record Entry(int Index, TissueColor Color, int? Meant, bool IsWrong, bool Occurs)
    {
        public bool IsGrey => Color.Red == Color.Green && Color.Green == Color.Blue;

        /// <summary>An entry that no pixel has and whose colour is at its own place too only fills the palette.</summary>
        public static Entry Create(int index, IReadOnlyList<TissueColor> palette, TissueClasses classes, bool occurs)
        {
            var meant = ClassOf(palette[index], classes);
            var isFilling = !occurs && meant < palette.Count && palette[meant.Value] == palette[index];
            return new Entry(index, palette[index], meant, IsWrong: meant is { } other && other != index && !isFilling, occurs);
        }
    }
}
