using Mlps.Fuzz.Formats;
using Mlps.Fuzz.Running;
using Xunit;
using Xunit.Abstractions;

namespace Mlps.Fuzz.Tests;

/// <summary>A few hundred damaged files of each format: each is read or refused. <c>benchmarks/Mlps.Fuzz</c> runs as many as there is time for.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Seed = 18;

    [Theory]
    [InlineData(nameof(FuzzFormat.Weights), 1000)]
    [InlineData(nameof(FuzzFormat.Model), 250)]
    [InlineData(nameof(FuzzFormat.Checkpoint), 300)]
    [InlineData(nameof(FuzzFormat.Image), 1000)]
    [InlineData(nameof(FuzzFormat.Dataset), 1000)]
    [InlineData(nameof(FuzzFormat.Regions), 1000)]
    public void Read_DamagedFiles_AreReadOrRefusedAndNothingElse(string name, int cases)
    {
        var format = Enum.Parse<FuzzFormat>(name);

        var report = new FuzzRun(format, Seed, FuzzLimits.For(format)).Run(0, cases, output.WriteLine);

        output.WriteLine(report.ToString());
        Assert.Empty(report.Faults);
        Assert.Equal(cases, report.Cases);

        // Both must occur, or the damage was too light or too heavy to test anything.
        Assert.InRange(report[CaseOutcome.Read], cases / 100, cases * 99 / 100);
    }

    /// <summary>Whatever a case does to its process is counted under its number, and the next one runs.</summary>
    [Fact]
    public void Run_CasesThatEndInEveryWay_AreCountedByWhatTheyDo()
    {
        var limits = new FuzzLimits { Time = TimeSpan.FromSeconds(2) };

        var report = new FuzzRun(FuzzFormat.Harness, Seed, limits).Run(0, HarnessFuzzer.Count + 1, output.WriteLine);

        var outcomes = report.Faults.ToDictionary(fault => fault.Number, fault => fault.Outcome);
        Assert.Equal(HarnessFuzzer.Count + 1, report.Cases);
        Assert.Equal(CaseOutcome.Failed, outcomes[HarnessFuzzer.Failed]);
        Assert.Equal(CaseOutcome.Crashed, outcomes[HarnessFuzzer.Crashed]);
        Assert.Equal(CaseOutcome.Hung, outcomes[HarnessFuzzer.Hung]);
        Assert.Contains(HarnessFuzzer.Endless, outcomes);
        Assert.Equal(OperatingSystem.IsLinux(), outcomes.ContainsKey(HarnessFuzzer.Greedy));
        Assert.Equal(2, report[CaseOutcome.Read] - (OperatingSystem.IsLinux() ? 0 : 1));
        Assert.Equal(1, report[CaseOutcome.Refused]);
    }
}
