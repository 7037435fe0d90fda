using System.Globalization;

namespace Mlps.Torch;

/// <summary>Names from files as messages show them: whole where they are short, else their start and their length.</summary>
internal static class ShortText
{
    /// <summary>Characters that are shown of a name.</summary>
    public const int Longest = 100;

    /// <summary>The name, or its start and how long it is.</summary>
    public static string Of(string name)
    {
        if (name.Length <= Longest)
        {
            return name;
        }

        var shown = char.IsHighSurrogate(name[Longest - 1]) ? Longest - 1 : Longest;
        return string.Create(CultureInfo.InvariantCulture, $"{name.AsSpan(0, shown)}… ({name.Length} characters)");
    }

    /// <summary>A list of names in square brackets, each shortened, and no more than ten of them.</summary>
    public static string List(IEnumerable<string> names)
    {
        const int most = 10;
        string[] all = [.. names];
        return $"[{string.Join(", ", all.Take(most).Select(Of))}{(all.Length > most ? string.Create(CultureInfo.InvariantCulture, $", … ({all.Length})") : string.Empty)}]";
    }
}
