using System.Globalization;

namespace Mlps.Torch.Runtime;

/// <summary>Where oneDNN, inside libtorch, keeps what it believes of the processor's data caches.</summary>
/// <remarks>
/// The layout is that of Xbyak's <c>util::Cpu</c>: ten sizes, ten counts of cores that share, the number of levels; 32 bits each. It has no symbol, so it is
/// recognised by its contents: three levels of one byte, which no processor has.
/// </remarks>
internal static unsafe class OneDnnCacheRecord
{
    private const int LevelsKept = 10;
    private const int Levels = 3;
    private const int Words = (2 * LevelsKept) + 1;

    /// <summary>Every place among the words that holds three caches of one byte.</summary>
    public static IEnumerable<int> Find(ReadOnlySpan<uint> words)
    {
        List<int> found = [];
        for (var start = 0; start + Words <= words.Length; start++)
        {
            if (words[start] == 1 && Is(words.Slice(start, Words)))
            {
                found.Add(start);
            }
        }

        return found;
    }

    /// <summary>Puts sizes of a core's own in place of those of one byte, in the data of a library that is loaded.</summary>
    /// <returns>False, and nothing changed, where there is no such record or more than one.</returns>
    public static bool Correct(string libraryPath, ProcessorCaches caches)
    {
        var records = DataOf(File.ReadLines("/proc/self/maps"), libraryPath).SelectMany(AddressesIn).ToArray();
        if (records.Length != 1)
        {
            return false;
        }

        Write(new Span<uint>((void*)records[0], Words), caches);
        return true;
    }

    internal static void Write(Span<uint> record, ProcessorCaches caches)
    {
        (record[0], record[1], record[2]) = (caches.Level1, caches.Level2, caches.Level3);
        record.Slice(LevelsKept, Levels).Fill(1);
    }

    /// <summary>The writable pages of a library: those mapped from its file, and the anonymous zeroed ones directly after them.</summary>
    internal static IEnumerable<(nint Start, nint End)> DataOf(IEnumerable<string> maps, string libraryPath)
    {
        nint endOfLibrary = 0;
        foreach (var line in maps)
        {
            var columns = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            var (start, end) = Range(columns[0]);
            var path = columns.Length < 6 ? "" : columns[5];
            var isOfFile = path == libraryPath;
            var isOfLibrary = isOfFile || (path.Length == 0 && start == endOfLibrary);

            // Nameless pages further behind may be anyone's, and gone the next moment.
            endOfLibrary = isOfFile ? end : 0;
            if (isOfLibrary && columns[1].StartsWith("rw", StringComparison.Ordinal))
            {
                yield return (start, end);
            }
        }
    }

    private static IEnumerable<nint> AddressesIn((nint Start, nint End) pages) =>
        Find(new ReadOnlySpan<uint>((void*)pages.Start, (int)((pages.End - pages.Start) / sizeof(uint)))).Select(index => pages.Start + (index * sizeof(uint)));

    private static bool Is(ReadOnlySpan<uint> record) =>
        record[..Levels].IndexOfAnyExcept(1u) < 0
        && record[Levels..LevelsKept].IndexOfAnyExcept(0u) < 0
        && record.Slice(LevelsKept, Levels).IndexOf(0u) < 0
        && record[(LevelsKept + Levels)..(2 * LevelsKept)].IndexOfAnyExcept(0u) < 0
        && record[2 * LevelsKept] == Levels;

    private static (nint Start, nint End) Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return (Address(text[..dash]), Address(text[(dash + 1)..]));
    }

    private static nint Address(string text) => (nint)ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
