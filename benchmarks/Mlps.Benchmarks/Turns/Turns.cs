using System.Diagnostics;
using System.Globalization;

namespace Mlps.Benchmarks.Turns;

/// <summary>
/// Several ways of doing one thing, in turns: a machine whose speed drifts by a tenth within minutes slows all of them alike, so that ratios of neighbours say what medians of separate runs cannot.
/// </summary>
internal static class Turns
{
    /// <summary>Runs each way once to warm up and then so many rounds, and prints medians, and medians of each round's ratio to the first way.</summary>
    public static void Run(string question, int rounds, double operations, params (string Name, Action Run)[] ways)
    {
        foreach (var (_, run) in ways)
        {
            run();
        }

        var seconds = ways.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                var clock = Stopwatch.StartNew();
                ways[way].Run();
                seconds[way][round] = clock.Elapsed.TotalSeconds / operations;
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{question}, {rounds} rounds"));
        for (var way = 0; way < ways.Length; way++)
        {
            var ratios = seconds[way].Zip(seconds[0], (time, first) => time / first).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {ways[way].Name,-44} {Median(seconds[way]) * 1e3,9:f1} ms   time {Median(ratios),5:f3}   speed {1 / Median(ratios),5:f2}x"));
        }
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
