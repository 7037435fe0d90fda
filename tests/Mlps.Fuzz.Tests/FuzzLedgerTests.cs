using Mlps.Fuzz.Formats;
using Mlps.Fuzz.Running;
using Mlps.Testing;
using Xunit;

namespace Mlps.Fuzz.Tests;

/// <summary>A run that goes on another day.</summary>
public sealed class FuzzLedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Next_AfterRuns_IsTheFirstCaseThatIsInNone()
    {
        var ledger = new FuzzLedger(_folder.Combine("runs.csv"));
        Assert.Equal(0, ledger.Next(FuzzFormat.Harness, seed: 3));

        var report = new FuzzRun(FuzzFormat.Harness, 3, new FuzzLimits()).Run(HarnessFuzzer.Count, 2, _ => { });
        ledger.Add(report.ToRecord(HarnessFuzzer.Count));
        ledger.Add(new FuzzRecord(FuzzFormat.Harness, 3, 0, 7, 1, 7, 0, 0, 90, 2048));

        Assert.Equal(HarnessFuzzer.Count + 2, ledger.Next(FuzzFormat.Harness, seed: 3));
        Assert.Equal(0, ledger.Next(FuzzFormat.Harness, seed: 4));
        Assert.Equal(0, ledger.Next(FuzzFormat.Image, seed: 3));
        var sums = Assert.Single(ledger.Table().Skip(2));
        Assert.StartsWith("| Harness | 3 | 0 | 9 | 8 | 1 | 0 |", sums, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Stopped_CountsTheCasesThatRan()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Equal(0, new FuzzRun(FuzzFormat.Harness, 3, new FuzzLimits()).Run(0, 5, _ => { }, stop.Token).Cases);
    }
}
