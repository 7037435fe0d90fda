using System.Globalization;

namespace Mlps.Torch;

/// <summary>Names from files as messages show them: whole where they are short, else their start and their length.</summary>
internal static class ShortText
{
    /// <summary>Characters that are shown of a name.</summary>
    public const int Longest = 100;

    /// <summary>Characters that are shown of another library's message, which may hold names.</summary>
    private const int LongestMessage = 1000;

    /// <summary>Characters that are shown of this library's own words on a fault: a list of tensors may be long, their names are not.</summary>
    private const int LongestProblem = 4000;

    /// <summary>Characters of them that come last, and say what to do.</summary>
    private const int LastOfProblem = 200;

    /// <summary>The name, or its start and how long it is.</summary>
    public static string Of(string name) => Of(name, Longest);

    /// <summary>The message, or its start and how long it is.</summary>
    public static string OfMessage(string message) => Of(message, LongestMessage);

    /// <summary>The words on a fault, or their start and their end, where they say a long name from a file.</summary>
    public static string OfProblem(string problem) => problem.Length <= LongestProblem ? problem
        : $"{Of(problem, LongestProblem - LastOfProblem)} … {problem[^LastOfProblem..]}";

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
