using System.Diagnostics;
using System.Globalization;
using Mlps.Cohort.Tests.Slides;
using Mlps.Testing;
using Xunit;

namespace Mlps.Cohort.Tests.Snakemake;

/// <summary><c>deploy/Snakefile</c> on this machine, with two jobs at a time.</summary>
[Collection(TwelveSlides.CollectionName)]
public sealed class SnakemakeTests(TwelveSlides slides) : IDisposable
{
    private const int Cores = 2;
    private const int MostKills = 5;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    private string Output => _folder.Combine("out");

    public void Dispose() => _folder.Dispose();

    /// <summary>It is killed with its jobs in the middle of a slide, and continues as docs/clusters.md says.</summary>
    [EngineFact("snakemake", "snakemake")]
    public async Task Slides_OfARunThatIsKilled_AreWhatOneRunGives()
    {
        _ = slides.Whole;
        foreach (var slide in Directory.GetFiles(slides.Slides))
        {
            File.CreateSymbolicLink(_folder.File($"slides/{Path.GetFileName(slide)}"), slide);
        }

        var kills = 0;
        do
        {
            // Jobs come in any order, and slides are small: a kill may come when one has just ended.
            Assert.True(++kills <= MostKills, "No kill came in the middle of a slide.");
            await KillAsync();
            Run("--unlock");
        }
        while (!TwelveSlides.Names.Any(name => TwelveSlides.IsInTheMiddle(Output, name)));
        var before = TwelveSlides.Records(Output);

        Run("--rerun-incomplete");

        slides.AssertSameAsWhole(Output);
        var after = TwelveSlides.Records(Output);
        Assert.InRange(before.Count, 1, TwelveSlides.Names.Count - 1);
        Assert.All(before, record => Assert.Equal(record.Value, after[record.Key]));

        File.CreateSymbolicLink(_folder.Combine("slides", "slide-later.tif"), Path.Combine(slides.Slides, $"{TwelveSlides.Names[0]}.tif"));
        var jobs = Run("--dry-run").Split('\n');
        Assert.Single(jobs, "rule slide:");
        Assert.Contains(jobs, line => line.Contains("slide-later", StringComparison.Ordinal));
        Assert.Single(jobs, "rule summarize:");

        // A file that cannot be read is said, and is no job.
        File.CreateSymbolicLink(_folder.Combine("slides", "slide-gone.tif"), _folder.Combine("nowhere.tif"));
        var others = Run("--dry-run").Split('\n');
        Assert.Single(others, "rule slide:");
        Assert.Contains(others, line => line.Contains("slide-later", StringComparison.Ordinal));
        Assert.DoesNotContain(others, line => line.Contains("output:", StringComparison.Ordinal) && line.Contains("slide-gone", StringComparison.Ordinal));
    }

    /// <summary>Starts or continues a run, and kills it where some slides are finished and one is in the middle.</summary>
    private async Task KillAsync()
    {
        var start = Snakemake("--rerun-incomplete");
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await TwelveSlides.UntilAsync(
                () => process.HasExited || (TwelveSlides.Records(Output).Count > 0 && TwelveSlides.Names.Any(name => TwelveSlides.IsInTheMiddle(Output, name))), "No slide was begun after another was finished.");
        }
        finally
        {
            using var kill = Process.Start("kill", ["-s", "KILL", "--", $"-{process.Id.ToString(CultureInfo.InvariantCulture)}"]);
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        await Task.WhenAll(output, error);
    }

    private string Run(string more)
    {
        var (exitCode, output) = ProcessRun.ToEnd(Snakemake(more), _limit);
        Assert.True(exitCode == 0, output);
        return output;
    }

    /// <summary>The command, in a process group of its own, as a shell starts it.</summary>
    private ProcessStartInfo Snakemake(params string[] more)
    {
        var start = new ProcessStartInfo(
            "setsid",
            [
                "snakemake", "--snakefile", Path.Combine(RepositoryFolder.Root, "deploy", "Snakefile"), "--cores", $"{Cores}",
                "--config", $"model={slides.Model}", $"slides={_folder.Combine("slides")}", $"output={Output}", $"options={string.Join(' ', TwelveSlides.Options)}", $"mlps={slides.Program}",
                .. more,
            ])
        { WorkingDirectory = _folder.Folder("work") };
        start.Environment["XDG_CACHE_HOME"] = _folder.Folder("cache");
        return start;
    }
}
