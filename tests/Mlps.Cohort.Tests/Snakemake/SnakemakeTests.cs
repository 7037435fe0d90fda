using System.Diagnostics;
using System.Globalization;
using Mlps.Cohort.Tests.Slides;
using Mlps.Testing;
using Xunit;

namespace Mlps.Cohort.Tests.Snakemake;

/// <summary><c>deploy/Snakefile</c> with two jobs at a time.</summary>
[Collection(TwelveSlides.CollectionName)]
public sealed class SnakemakeTests(TwelveSlides slides) : IDisposable
{
    private const int Cores = 2;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();

    private string Output => _folder.Combine("out");

    public void Dispose() => _folder.Dispose();

    /// <summary>It is killed with its jobs in the middle of a slide, and the same line continues.</summary>
    [EngineFact("snakemake", "snakemake")]
    public async Task Slides_OfARunThatIsKilled_AreWhatOneRunGives()
    {
        _ = slides.Whole;
        var before = await KillAsync();

        var (exitCode, output) = ProcessRun.ToEnd(Snakemake("--rerun-incomplete"), _limit);

        Assert.True(exitCode == 0, output);
        slides.AssertSameAsWhole(Output);
        var after = TwelveSlides.Records(Output);
        Assert.InRange(before.Count(record => record.Value != after[record.Key]), 0, Cores - 1);
    }

    /// <summary>Starts a run, kills it in the middle of a slide, and gives the records that are there.</summary>
    private async Task<Dictionary<string, string>> KillAsync()
    {
        var start = Snakemake();
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await TwelveSlides.InTheMiddleAsync(Output, TwelveSlides.LongNames);
        }
        finally
        {
            using var kill = Process.Start("kill", ["-s", "KILL", "--", $"-{process.Id.ToString(CultureInfo.InvariantCulture)}"]);
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        Assert.True(TwelveSlides.Names.Any(name => TwelveSlides.IsInTheMiddle(Output, name)), await output + await error);
        return TwelveSlides.Records(Output);
    }

    /// <summary>The command, in a process group of its own, as a shell starts it.</summary>
    private ProcessStartInfo Snakemake(params string[] more)
    {
        var start = new ProcessStartInfo(
            "setsid",
            [
                "snakemake", "--snakefile", Path.Combine(RepositoryFolder.Root, "deploy", "Snakefile"), "--cores", $"{Cores}",
                "--config", $"model={slides.Model}", $"slides={slides.Slides}", $"output={Output}", $"options={string.Join(' ', TwelveSlides.Options)}", $"mlps={slides.Program}",
                .. more,
            ])
        { WorkingDirectory = _folder.Folder("work") };
        start.Environment["XDG_CACHE_HOME"] = _folder.Folder("cache");
        return start;
    }
}
