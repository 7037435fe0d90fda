using System.Globalization;

namespace Mlps.Torch;

/// <summary>Names from files as messages show them: whole where they are short, else their start and their length.</summary>
internal static class ShortText
{
    /// <summary>Characters that are shown of a name.</summary>
    public const int Longest = 100;

    /// <summary>Characters that are shown of another library's message, which may hold names.</summary>
    private const int LongestMessage = 1000;

    /// <summary>The name, or its start and how long it is.</summary>
    public static string Of(string name) => Of(name, Longest);

    /// <summary>The message, or its start and how long it is.</summary>
    public static string OfMessage(string message) => Of(message, LongestMessage);

    private static string Of(string name, int longest)
    {
        if (name.Length <= longest)
        {
            return name;
        }

        var shown = char.IsHighSurrogate(name[longest - 1]) ? longest - 1 : longest;
        return string.Create(CultureInfo.InvariantCulture, $"{name.AsSpan(0, shown)}… ({name.Length} characters)");
    }

    /// <summary>A list of names in square brackets, each shortened, and no more than ten of them.</summary>
    public static string List(IEnumerable<string> names)
    {
        const int most = 10;
        string[] all = [.. names];
        return $"[{string.Join(", ", all.Take(most).Select(name => Of(name)))}{(all.Length > most ? string.Create(CultureInfo.InvariantCulture, $", … ({all.Length})") : string.Empty)}]";
    }
}
