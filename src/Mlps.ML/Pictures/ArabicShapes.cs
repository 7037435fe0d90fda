using System.Globalization;
using System.Text;

namespace Mlps.ML;

/// <summary>Arabic and Persian letters in the shapes that they take beside their neighbours (Unicode's presentation forms).</summary>
/// <remarks>Skia draws each letter by itself. Letters outside the table keep the shape that they have alone.</remarks>
internal static class ArabicShapes
{
    private const char Lam = '\u0644', Tatweel = '\u0640';

    /// <summary>The first of each letter's shapes (alone, end, start, middle) and their number; letters with two shapes join only the letter before.</summary>
    private static readonly Dictionary<char, (char First, int Count)> Shapes = Table(
        ("\u0621", '\uFE80', 1), ("\u0622\u0623\u0624\u0625", '\uFE81', 2), ("\u0626", '\uFE89', 4), ("\u0627", '\uFE8D', 2), ("\u0628", '\uFE8F', 4), ("\u0629", '\uFE93', 2),
        ("\u062A\u062B\u062C\u062D\u062E", '\uFE95', 4), ("\u062F\u0630\u0631\u0632", '\uFEA9', 2), ("\u0633\u0634\u0635\u0636\u0637\u0638\u0639\u063A", '\uFEB1', 4),
        ("\u0641\u0642\u0643\u0644\u0645\u0646\u0647", '\uFED1', 4), ("\u0648\u0649", '\uFEED', 2), ("\u064A", '\uFEF1', 4),
        ("\u067E", '\uFB56', 4), ("\u0686", '\uFB7A', 4), ("\u0698", '\uFB8A', 2), ("\u06A9", '\uFB8E', 4), ("\u06AF", '\uFB92', 4), ("\u06CC", '\uFBFC', 4));

    /// <summary>Lam and the alef after it are one letter, which joins only what is before it.</summary>
    private static readonly Dictionary<char, char> LamAlef = new() { ['\u0622'] = '\uFEF5', ['\u0623'] = '\uFEF7', ['\u0625'] = '\uFEF9', ['\u0627'] = '\uFEFB' };

    /// <summary>The text with joined letters, still in the order in which it is read.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isDrawable">Whether there is a typeface with a shape; where there is none, the letter stays as it is.</param>
    internal static string Join(string text, Func<string, bool> isDrawable)
    {
        var joined = new StringBuilder(text.Length);
        var before = false;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (IsMark(letter))
            {
                joined.Append(letter);
                continue;
            }

            var next = Next(text, i);
            if (letter == Lam && next < text.Length && LamAlef.TryGetValue(text[next], out var pair) && isDrawable(pair.ToString()))
            {
                joined.Append(before ? (char)(pair + 1) : pair).Append(text, i + 1, next - i - 1);
                i = next;
                before = false;
                continue;
            }

            var after = JoinsNext(letter) && next < text.Length && JoinsBefore(text[next]);
            var shape = Shape(letter, before && JoinsBefore(letter), after).ToString();
            joined.Append(shape[0] == letter || isDrawable(shape) ? shape : letter.ToString());
            before = JoinsNext(letter);
        }

        return joined.ToString();
    }

    private static char Shape(char letter, bool before, bool after) => !Shapes.TryGetValue(letter, out var shapes)
        ? letter
        : (char)(shapes.First + (before, after) switch
        {
            (true, true) => 3,
            (true, false) => 1,
            (false, true) => 2,
            _ => 0,
        });

    private static bool JoinsNext(char letter) => letter == Tatweel || (Shapes.TryGetValue(letter, out var shapes) && shapes.Count == 4);

    private static bool JoinsBefore(char letter) => letter == Tatweel || (Shapes.TryGetValue(letter, out var shapes) && shapes.Count > 1);

    /// <summary>Vowel signs stand above and below letters and part none.</summary>
    private static bool IsMark(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark;

    private static int Next(string text, int i)
    {
        do
        {
            i++;
        }
        while (i < text.Length && IsMark(text[i]));

        return i;
    }

    private static Dictionary<char, (char First, int Count)> Table(params (string Letters, char First, int Count)[] rows)
    {
        var table = new Dictionary<char, (char, int)>();
        foreach (var (letters, first, count) in rows)
        {
            for (var i = 0; i < letters.Length; i++)
            {
                table[letters[i]] = ((char)(first + (i * count)), count);
            }
        }

        return table;
    }
}
