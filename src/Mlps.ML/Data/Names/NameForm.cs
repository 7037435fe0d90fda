using System.Text;

namespace Mlps.ML;

/// <summary>Names in Unicode's normalization form C, so that a name written on a Mac (decomposed) equals the same name written elsewhere (composed).</summary>
/// <remarks><see cref="string.Normalize()"/> does nothing in applications with InvariantGlobalization, which containers without ICU need. This works everywhere.</remarks>
internal static class NameForm
{
    /// <summary>Characters below are composed already.</summary>
    private const char FirstCombining = '\u0300';

    private const int HangulFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TailFirst = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, HangulCount = LeadCount * VowelCount * TailCount;

    /// <summary>Names are equal if their composed forms are.</summary>
    public static StringComparer Comparer { get; } = new FormComparer();

    /// <summary>The name in normalization form C.</summary>
    public static string Compose(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstCombining - 1)) < 0)
        {
            return name;
        }

        var codes = new List<int>(name.Length);
        foreach (var rune in Runes(name))
        {
            Decompose(rune, codes);
        }

        SortMarks(codes);
        Compose(codes);
        var text = new StringBuilder(codes.Count);
        foreach (var code in codes)
        {
            // Halves of surrogate pairs stay as they are.
            _ = code <= char.MaxValue ? text.Append((char)code) : text.Append(new Rune(code).ToString());
        }

        return text.ToString();
    }

    /// <summary>A sentence for messages on equal names that look alike and are not the same; empty where they are the same.</summary>
    public static string Difference(string name, string other) =>
        name == other ? string.Empty : " They differ in Unicode form only: letters with marks are one character in one of them and several in the other.";

    private static IEnumerable<int> Runes(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            var isPair = char.IsHighSurrogate(name[i]) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]);
            yield return isPair ? char.ConvertToUtf32(name[i], name[++i]) : name[i];
        }
    }

    private static void Decompose(int code, List<int> codes)
    {
        var syllable = code - HangulFirst;
        if (syllable is >= 0 and < HangulCount)
        {
            codes.Add(LeadFirst + (syllable / (VowelCount * TailCount)));
            codes.Add(VowelFirst + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount > 0)
            {
                codes.Add(TailFirst + (syllable % TailCount));
            }
        }
        else if (CanonicalForms.Decompositions.TryGetValue(code, out var parts))
        {
            foreach (var part in parts)
            {
                Decompose(part, codes);
            }
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Puts the marks of each letter into the order of their combining classes, marks of one class staying in theirs.</summary>
    private static void SortMarks(List<int> codes)
    {
        for (var start = 0; start < codes.Count; start++)
        {
            var end = start;
            while (end < codes.Count && CanonicalForms.CombiningClass(codes[end]) > 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                // OrderBy keeps the order of equal ones, and takes no time for a name that is all marks.
                int[] sorted = [.. codes.GetRange(start, end - start).OrderBy(CanonicalForms.CombiningClass)];
                for (var i = 0; i < sorted.Length; i++)
                {
                    codes[start + i] = sorted[i];
                }
            }

            start = end;
        }
    }

    private static void Compose(List<int> codes)
    {
        int letter = -1, kept = 0, lastClass = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            var combining = CanonicalForms.CombiningClass(code);
            var isBlocked = letter >= 0 && kept - 1 > letter && lastClass >= combining;
            if (letter >= 0 && !isBlocked && Composed(codes[letter], code) is { } composed)
            {
                codes[letter] = composed;
                continue;
            }

            if (combining == 0)
            {
                letter = kept;
            }

            lastClass = combining;
            codes[kept++] = code;
        }

        codes.RemoveRange(kept, codes.Count - kept);
    }

    private static int? Composed(int first, int second)
    {
        int lead = first - LeadFirst, vowel = second - VowelFirst, syllable = first - HangulFirst, tail = second - TailFirst;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            return HangulFirst + (((lead * VowelCount) + vowel) * TailCount);
        }

        if (syllable is >= 0 and < HangulCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            return first + tail;
        }

        return CanonicalForms.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private sealed class FormComparer : StringComparer
    {
        public override int Compare(string? x, string? y) => string.CompareOrdinal(x is null ? null : Compose(x), y is null ? null : Compose(y));

        public override bool Equals(string? x, string? y) => Compare(x, y) == 0;

        public override int GetHashCode(string obj) => Compose(obj).GetHashCode(StringComparison.Ordinal);
    }
}
