using System.Globalization;
using System.Text;

namespace Mlps.ML;

/// <summary>Puts the letters of Hebrew, Arabic and other scripts that are read from the right into the order in which they are drawn.</summary>
/// <remarks>
/// Names are short, so this is the part of Unicode's bidirectional algorithm that they need: runs of such letters are turned round, numbers and Latin words are not, and a name that begins
/// with such a letter is read from the right as a whole.
/// </remarks>
internal static class RightToLeft
{
    private const string Brackets = "()[]{}<>«»";

    private enum Direction
    {
        None,
        Left,
        Right,
    }

    /// <summary>The text from left to right as it is seen.</summary>
    /// <param name="text">The text in the order in which it is read.</param>
    /// <param name="isDrawable">Whether there is a typeface for a letter.</param>
    internal static string Visual(string text, Func<string, bool> isDrawable)
    {
        if (!text.Any(IsFromTheRight))
        {
            return text;
        }

        var clusters = Clusters(ArabicShapes.Join(text, isDrawable));
        Direction[] directions = [.. clusters.Select(FindDirection)];
        var whole = directions.FirstOrDefault(direction => direction is not Direction.None);
        Resolve(directions, whole);

        var runs = new List<string>();
        for (int start = 0, end; start < clusters.Count; start = end)
        {
            for (end = start + 1; end < clusters.Count && directions[end] == directions[start]; end++)
            {
            }

            IEnumerable<string> run = clusters.GetRange(start, end - start);
            runs.Add(string.Concat(directions[start] is Direction.Right ? run.Reverse().Select(Mirrored) : run));
        }

        return string.Concat(whole is Direction.Right ? Enumerable.Reverse(runs) : runs);
    }

    /// <summary>Spaces and signs go with the letters on both sides, or with the whole text where these differ.</summary>
    private static void Resolve(Direction[] directions, Direction whole)
    {
        for (int start = 0, end; start < directions.Length; start = end)
        {
            for (end = start + 1; end < directions.Length && directions[end] == directions[start]; end++)
            {
            }

            if (directions[start] is Direction.None)
            {
                Direction before = start > 0 ? directions[start - 1] : whole, after = end < directions.Length ? directions[end] : whole;
                directions.AsSpan(start, end - start).Fill(before == after ? before : whole);
            }
        }
    }

    private static List<string> Clusters(string text)
    {
        var clusters = new List<string>();
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            clusters.Add(elements.GetTextElement());
        }

        return clusters;
    }

    private static Direction FindDirection(string cluster) =>
        IsFromTheRight(cluster[0]) ? Direction.Right
        : Rune.TryGetRuneAt(cluster, 0, out var rune) && Rune.IsLetterOrDigit(rune) ? Direction.Left
        : Direction.None;

    private static string Mirrored(string cluster) =>
        cluster.Length == 1 && Brackets.IndexOf(cluster[0], StringComparison.Ordinal) is >= 0 and var at ? Brackets[at ^ 1].ToString() : cluster;

    /// <summary>Letters of Hebrew, Arabic, Syriac, Thaana, N'Ko, and their presentation forms; Arabic digits are read from the left.</summary>
    private static bool IsFromTheRight(char letter) =>
        letter is (>= '\u0590' and <= '\u08FF') or (>= '\uFB1D' and <= '\uFDFF') or (>= '\uFE70' and <= '\uFEFC') && !char.IsDigit(letter);
}
