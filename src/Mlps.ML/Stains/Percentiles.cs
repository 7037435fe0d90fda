namespace Mlps.ML;

/// <summary>Percentiles without sorting everything.</summary>
internal static class Percentiles
{
    private const int Bins = 4096;

    /// <summary>The two values in order of size between which a percentile lies, and how far the way from the first to the second it is.</summary>
    /// <param name="values">Finite values, one at least.</param>
    /// <param name="percent">From 0, the smallest, to 100, the largest.</param>
    public static (float Lower, float Upper, double Share) Bracket(ReadOnlySpan<float> values, double percent)
    {
        var position = percent / 100 * (values.Length - 1);
        var lower = (int)position;
        var (low, high) = Ranked(values, lower, Math.Min(lower + 1, values.Length - 1));
        return (low, high, position - lower);
    }

    /// <summary>A percentile, linear between neighbours.</summary>
    /// <inheritdoc cref="Bracket"/>
    public static double Compute(ReadOnlySpan<float> values, double percent)
    {
        var (lower, upper, share) = Bracket(values, percent);
        return lower + (share * ((double)upper - lower));
    }

    /// <summary>The values of two neighbouring ranks: counted into bins first, and only those of the bins in question are sorted.</summary>
    private static (float First, float Second) Ranked(ReadOnlySpan<float> values, int first, int second)
    {
        var (low, high) = Range(values);
        if (!(low < high))
        {
            return (low, low);
        }

        var scale = Bins / ((double)high - low);
        Span<int> counts = stackalloc int[Bins];
        counts.Clear();
        foreach (var value in values)
        {
            counts[BinOf(value)]++;
        }

        var (firstBin, before) = Find(counts, first);
        var (lastBin, _) = Find(counts, second);
        var candidates = new List<float>();
        foreach (var value in values)
        {
            if (BinOf(value) is var bin && bin >= firstBin && bin <= lastBin)
            {
                candidates.Add(value);
            }
        }

        candidates.Sort();
        return (candidates[first - before], candidates[second - before]);

        int BinOf(float value) => Math.Min((int)(((double)value - low) * scale), Bins - 1);
    }

    private static (int Bin, int Before) Find(ReadOnlySpan<int> counts, int rank)
    {
        var before = 0;
        for (var bin = 0; ; bin++)
        {
            if (rank < before + counts[bin])
            {
                return (bin, before);
            }

            before += counts[bin];
        }
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> values)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return (low, high);
    }
}
