using System.Diagnostics;
using System.Globalization;

namespace Mlps.Benchmarks.InterleavedRuns;

/// <summary>
/// Times several variants in interleaved runs, one of each per round. A machine whose speed drifts slows all of them alike, so ratios within a round show differences of a few per cent.
/// </summary>
internal static class InterleavedTimer
{
    /// <summary>Runs each variant once to warm up, then once in every round; prints medians, and medians of the ratios to the first variant.</summary>
    /// <remarks>Variants without a name are left out: the device has no use for them.</remarks>
    public static void Measure(string benchmark, int rounds, double operations, params (string Name, Action Run)[] all)
    {
        (string Name, Action Run)[] variants = [.. all.Where(variant => variant.Name.Length > 0)];
        foreach (var (_, run) in variants)
        {
            run();
        }

        var seconds = variants.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var variant = 0; variant < variants.Length; variant++)
            {
                var clock = Stopwatch.StartNew();
                variants[variant].Run();
                seconds[variant][round] = clock.Elapsed.TotalSeconds / operations;
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{benchmark}, {rounds} rounds"));
        for (var variant = 0; variant < variants.Length; variant++)
        {
            var ratios = seconds[variant].Zip(seconds[0], (time, first) => time / first).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {variants[variant].Name,-44} {Median(seconds[variant]) * 1e3,9:f1} ms   time {Median(ratios),5:f3}   speed {1 / Median(ratios),5:f2}x"));
        }
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
