using System.Collections.Frozen;
using System.Globalization;

namespace Mlps.ML;

/// <summary>Unicode's canonical decompositions and combining classes, read from <c>canonical-forms.txt</c> when a name first needs them.</summary>
internal static class CanonicalForms
{
    private const string Resource = "Mlps.ML.canonical-forms.txt";
    private const string NeverComposed = "!";

    private static readonly Lazy<Tables> _tables = new(Read);

    /// <summary>One or two characters for each that is decomposed.</summary>
    public static FrozenDictionary<int, int[]> Decompositions => _tables.Value.Decompositions;

    /// <summary>The character for each pair that is composed.</summary>
    public static FrozenDictionary<(int First, int Second), int> Compositions => _tables.Value.Compositions;

    /// <summary>0 for letters, 1 to 254 for marks.</summary>
    public static int CombiningClass(int code) => _tables.Value.Classes.TryGetValue(code, out var combining) ? combining : 0;

    private static Tables Read()
    {
        var decompositions = new Dictionary<int, int[]>();
        var compositions = new Dictionary<(int First, int Second), int>();
        var classes = new Dictionary<int, int>();
        using var reader = new StreamReader(typeof(CanonicalForms).Assembly.GetManifestResourceStream(Resource)!);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var fields = line.Split(' ');
            if (fields[1].StartsWith('='))
            {
                var ends = fields[0].Split("..");
                for (var code = Code(ends[0]); code <= Code(ends[1]); code++)
                {
                    classes[code] = int.Parse(fields[1].AsSpan(1), CultureInfo.InvariantCulture);
                }

                continue;
            }

            int[] parts = [.. fields.Skip(1).Where(field => field != NeverComposed).Select(Code)];
            decompositions[Code(fields[0])] = parts;
            if (fields[^1] != NeverComposed)
            {
                compositions[(parts[0], parts[1])] = Code(fields[0]);
            }
        }

        return new Tables(decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private static int Code(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private sealed record Tables(FrozenDictionary<int, int[]> Decompositions, FrozenDictionary<(int First, int Second), int> Compositions, FrozenDictionary<int, int> Classes);
}
