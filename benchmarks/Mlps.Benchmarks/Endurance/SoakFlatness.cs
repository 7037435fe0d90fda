using System.Globalization;

namespace Mlps.Benchmarks.Endurance;

/// <summary>Compares the last quarter of a phase with its second quarter: the first one warms up.</summary>
internal static class SoakFlatness
{
    private const double MemoryGrowth = 0.05;
    private const long MemorySlackMiB = 8;
    private const int HandleSlack = 2;
    private const int TensorShare = 50;

    private static readonly (string Name, Func<SoakSample, long> Value, Func<long, long> Allowed)[] _quantities =
    [
        ("anonymous MiB", sample => sample.AnonymousMiB, before => MemorySlackMiB + (long)(before * MemoryGrowth)),
        ("managed MiB", sample => sample.ManagedMiB, before => MemorySlackMiB + (long)(before * MemoryGrowth)),
        // Samples are taken while other threads compute, and count what these have just then. A tensor kept by each thousandth prediction would be 50 more.
        ("tensors", sample => sample.Tensors, before => before / TensorShare),
        ("files", sample => sample.Files, _ => HandleSlack),
        ("threads", sample => sample.Threads, _ => HandleSlack),
    ];

    /// <summary>A line for each phase and quantity; <c>GREW</c> marks those that are not flat.</summary>
    /// <returns>Whether all are flat.</returns>
    public static bool Judge(IEnumerable<SoakSample> samples, Action<string> tell)
    {
        var isFlat = true;
        foreach (var phase in samples.GroupBy(sample => sample.Phase))
        {
            SoakSample[] all = [.. phase];
            if (all.Length < 8)
            {
                throw new InvalidOperationException($"{all.Length} samples of {phase.Key} are too few to judge: run more.");
            }

            foreach (var (name, value, allowed) in _quantities)
            {
                long before = Median(all[(all.Length / 4)..(all.Length / 2)], value), after = Median(all[(all.Length * 3 / 4)..], value);
                var grew = after - before > allowed(before);
                isFlat &= !grew;
                tell(string.Create(CultureInfo.InvariantCulture, $"{phase.Key,-10} {name,-14} {before,8} -> {after,8} {(grew ? "GREW" : "flat")}"));
            }
        }

        return isFlat;
    }

    private static long Median(SoakSample[] samples, Func<SoakSample, long> value) => samples.Select(value).Order().ElementAt(samples.Length / 2);
}
