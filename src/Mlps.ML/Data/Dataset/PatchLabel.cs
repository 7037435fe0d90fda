namespace Mlps.ML;

/// <summary>Patch labels in file names: one digit a class, 1 where it occurs, between the last pair of brackets.</summary>
internal static class PatchLabel
{
    /// <summary>Reads <c>[1 0 0 1]</c>, <c>[1, 0, 0, 1]</c> or <c>[1001]</c>.</summary>
    /// <exception cref="TissueDataException">There are no brackets, other things than 0 and 1 in them, or not one digit a class.</exception>
    public static bool[] Read(string path, TissueClasses classes)
    {
        var bracketed = TextOf(Path.GetFileNameWithoutExtension(path.AsSpan()));
        if (bracketed.IsEmpty)
        {
            throw Fault(path, "The file name carries no label in brackets.", classes);
        }

        var text = bracketed[1..^1].ToString();
        var digits = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (digits is [var run])
        {
            digits = [.. run.Select(digit => digit.ToString())];
        }

        if (digits.FirstOrDefault(digit => digit is not ("0" or "1")) is { } other)
        {
            throw Fault(path, $"The label [{text}] holds '{other}', and only 0 and 1 have a meaning.", classes);
        }

        if (digits.Length != classes.Count)
        {
            throw Fault(path, $"The label [{text}] has {digits.Length} digits, and the dataset has {classes.Count} classes ({string.Join(", ", classes.Names)}).", classes);
        }

        return [.. digits.Select(digit => digit == "1")];
    }

    /// <summary>What stands between the last pair of brackets, with them; empty where there is no pair.</summary>
    /// <param name="stem">A file's name without extension.</param>
    public static ReadOnlySpan<char> TextOf(ReadOnlySpan<char> stem)
    {
        var close = stem.LastIndexOf(']');
        var open = close < 0 ? -1 : stem[..close].LastIndexOf('[');
        return open < 0 ? [] : stem[open..(close + 1)];
    }

    /// <summary>Writes the form <c>[1 0 0 1]</c>.</summary>
    public static string Write(IEnumerable<bool> label) => $"[{string.Join(' ', label.Select(occurs => occurs ? '1' : '0'))}]";

    private static TissueDataException Fault(string path, string rule, TissueClasses classes) =>
        new(path, rule, $"Name the file like {Path.GetFileNameWithoutExtension(path).Split('[')[0].TrimEnd('-')}-{Write(classes.Select((_, index) => index == 0))}.png, one digit a class in the order of the dataset's classes.");
}
