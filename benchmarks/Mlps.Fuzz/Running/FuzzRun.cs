using System.Diagnostics;
using System.Globalization;
using Mlps.Fuzz.Formats;

namespace Mlps.Fuzz.Running;

/// <summary>Runs the cases of a format in child processes, and counts how they end.</summary>
internal sealed class FuzzRun(FuzzFormat format, int seed, FuzzLimits limits)
{
    private const int FaultsPrinted = 50;
    private static readonly TimeSpan _betweenLines = TimeSpan.FromSeconds(30);

    /// <summary>More weight files to damage.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Processes at once.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>No new case is begun later.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.MaxValue;

    /// <summary>Runs cases from one number on.</summary>
    /// <param name="first">Number of the first case.</param>
    /// <param name="cases">How many.</param>
    /// <param name="tell">Told of faults and, now and then, of how far the run is.</param>
    /// <param name="stop">No new case is begun after it.</param>
    /// <returns>Counts of the cases that ran: consecutive ones, from <paramref name="first"/> on.</returns>
    public FuzzReport Run(int first, int cases, Action<string> tell, CancellationToken stop = default)
    {
        var report = new FuzzReport(format, seed);
        var clock = Stopwatch.StartNew();
        var next = (long)first;
        var told = TimeSpan.Zero;
        Parallel.For(0, Processes, new ParallelOptions { MaxDegreeOfParallelism = Processes }, _ =>
        {
            using var child = new FuzzChild(format, seed, Files, limits);
            while (clock.Elapsed < Time && !stop.IsCancellationRequested && Interlocked.Increment(ref next) - 1 is var number && number < (long)first + cases)
            {
                var result = child.Run((int)number);
                lock (report)
                {
                    report.Add(result);
                    if (result.IsFault && report.Faults.Count <= FaultsPrinted)
                    {
                        tell($"FAULT {format} seed {seed} {result}");
                    }

                    if (clock.Elapsed - told > _betweenLines)
                    {
                        told = report.Elapsed = clock.Elapsed;
                        tell(report.ToString());
                    }
                }
            }
        });
        report.Elapsed = clock.Elapsed;
        return report;
    }
}

/// <summary>Counts of a run.</summary>
internal sealed class FuzzReport(FuzzFormat format, int seed)
{
    private readonly int[] _counts = new int[Enum.GetValues<CaseOutcome>().Length];

    public List<CaseResult> Faults { get; } = [];

    public TimeSpan Elapsed { get; set; }

    public int Cases => _counts.Sum();

    public CaseResult? Slowest { get; private set; }

    public CaseResult? Largest { get; private set; }

    /// <summary>The run as a line of the ledger.</summary>
    /// <param name="first">Number of its first case.</param>
    public FuzzRecord ToRecord(int first) => new(
        format,
        seed,
        first,
        Cases,
        (int)Elapsed.TotalSeconds,
        this[CaseOutcome.Read],
        this[CaseOutcome.Refused],
        Faults.Count,
        (int)(Slowest?.Milliseconds ?? 0),
        (Largest?.MemoryBytes ?? 0) >> 10);

    public int this[CaseOutcome outcome] => _counts[(int)outcome];

    public void Add(CaseResult result)
    {
        _counts[(int)result.Outcome]++;
        if (result.IsFault)
        {
            Faults.Add(result);
        }

        Slowest = Slowest is null || result.Milliseconds > Slowest.Milliseconds ? result : Slowest;
        Largest = Largest is null || result.MemoryBytes > Largest.MemoryBytes ? result : Largest;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{format}, seed {seed}: {Cases} cases in {Elapsed.TotalSeconds:F0} s, {this[CaseOutcome.Read]} read, {this[CaseOutcome.Refused]} refused, {this[CaseOutcome.Failed]} failed, {this[CaseOutcome.Crashed]} crashed, {this[CaseOutcome.Hung]} hung; slowest {Slowest?.Milliseconds:F0} ms (case {Slowest?.Number}), most memory {(Largest?.MemoryBytes ?? 0) / 1048576.0:F1} MiB (case {Largest?.Number})");
}
