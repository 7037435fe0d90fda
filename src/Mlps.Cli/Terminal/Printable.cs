using System.Globalization;
using System.Text;

namespace Mlps.Cli.Terminal;

/// <summary>Text from outside, such as file names, made safe for a terminal: no cursor movements, colours or reversed lines.</summary>
internal static class Printable
{
    /// <summary>The text on one line, with <c>\n</c>, <c>\e</c>, <c>\u202e</c> and the like for what a terminal would act on.</summary>
    public static string Escape(string text)
    {
        if (text.EnumerateRunes().All(IsHarmless))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = IsHarmless(rune) ? shown.Append(rune) : shown.Append(Escaped(rune.Value));
        }

        return shown.ToString();
    }

    /// <summary>The same for text of several lines of our own.</summary>
    public static string Lines(string text) => string.Join(Environment.NewLine, text.Split('\n').Select(line => Escape(line.TrimEnd('\r'))));

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => !IsDirection(rune.Value),
        _ => true,
    };

    /// <summary>Marks that change the direction of what follows.</summary>
    /// <remarks>Other format characters join letters and emoji.</remarks>
    private static bool IsDirection(int value) => value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static string Escaped(int value) => value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        0x1B => "\\e",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{value:x4}"),
    };
}
