using System.Diagnostics;
using System.Globalization;
using Mlps.Cohort.Tests.Slides;
using Mlps.Testing;
using Xunit;

namespace Mlps.Cohort.Tests.Slurm;

/// <summary>The scripts of <c>deploy/slurm</c> on a cluster of four virtual nodes.</summary>
[Collection(TwelveSlides.CollectionName)]
public sealed class SlurmTests(TwelveSlides slides) : IDisposable
{
    private const int NodeCount = 4;

    /// <summary>Of a slide in percent. After its first band alone, a run that goes on would compute all rows of tiles again.</summary>
    private const int FarEnough = 20;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    private string Output => _folder.Combine("out");

    private string Logs => _folder.Folder("logs");

    public void Dispose() => _folder.Dispose();

    /// <summary>One node is killed and one task asked to end, each in the middle of its part's second slide.</summary>
    [EngineFact("slurmctld slurmd slurm-client", "slurmctld", "slurmd", "sbatch")]
    public async Task Slides_OfANodeThatIsKilledAndOfATaskThatEnds_AreWhatOneRunGives()
    {
        _ = slides.Whole;
        using var cluster = await SlurmCluster.StartAsync(_folder.Folder("s"), NodeCount);
        var (array, summary) = Submit(cluster);

        var (killing, asking) = (KillNodeAsync(cluster, $"{array}_1", TwelveSlides.LongNames[0]), AskToEndAsync(cluster, $"{array}_2", TwelveSlides.LongNames[1]));
        var (node, finished) = await killing;
        await asking;
        await EndAsync(cluster, summary);

        slides.AssertSameAsWhole(Output);
        Assert.Equal(["0", "1", "1", "0"], Enumerable.Range(0, NodeCount).Select(task => cluster.Job($"{array}_{task}")["Restarts"]));
        Assert.NotEqual(node, cluster.Job($"{array}_1")["BatchHost"]);
        AssertNothingComputedTwice(finished, array);
    }

    private (string Array, string Summary) Submit(SlurmCluster cluster)
    {
        var submit = Path.Combine(RepositoryFolder.Root, "deploy", "slurm", "submit.sh");
        var start = cluster.Command("bash", [submit, $"{NodeCount}", "--model", slides.Model, "--slides", slides.Slides, "--output", Output, .. TwelveSlides.Options]);
        start.WorkingDirectory = Logs;
        start.Environment["MLPS"] = slides.Program;
        var (exitCode, output) = ProcessRun.ToEnd(start, _limit);
        Assert.True(exitCode == 0, output);
        var jobs = output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (jobs[0], jobs[1]);
    }

    /// <summary>The node, and the records of the slides that were finished.</summary>
    private async Task<(string Node, Dictionary<string, string> Finished)> KillNodeAsync(SlurmCluster cluster, string task, string slide)
    {
        await TwelveSlides.UntilAsync(() => IsInTheMiddle(task, slide), $"{slide} was not begun.");
        var node = cluster.Job(task)["BatchHost"];
        await cluster.KillNodeAsync(node);
        Assert.True(TwelveSlides.IsInTheMiddle(Output, slide), $"{slide} was finished before {node} was killed.");
        return (node, TwelveSlides.Records(Output));
    }

    /// <summary>As Slurm does with tasks of a node that is drained.</summary>
    private async Task AskToEndAsync(SlurmCluster cluster, string task, string slide)
    {
        await TwelveSlides.UntilAsync(() => IsInTheMiddle(task, slide), $"{slide} was not begun.");
        cluster.Run("scancel", "--batch", "--signal=TERM", task);
    }

    private async Task EndAsync(SlurmCluster cluster, string job)
    {
        var limit = Stopwatch.StartNew();
        while (cluster.Job(job)["JobState"] is var state && state != "COMPLETED")
        {
            Assert.True(state is "PENDING" or "RUNNING" or "COMPLETING" && limit.Elapsed < _limit, $"The summary is {state}. {cluster.Run("squeue")} {AllLogs()}");
            await Task.Delay(200);
        }
    }

    /// <summary>What was finished was left alone, other slides were begun once, and the interrupted ones went on from their bands.</summary>
    private void AssertNothingComputedTwice(Dictionary<string, string> finished, string array)
    {
        Assert.All(finished, record => Assert.Equal(record.Value, TwelveSlides.Records(Output)[record.Key]));

        // None at all on a slow machine, where all tiles were done and only the files were missing.
        Assert.All(TwelveSlides.LongNames, name => Assert.InRange(TwelveSlides.TilesOf(Output, name), 0, TwelveSlides.TilesOf(slides.Whole, name) - 1));
        var lines = Enumerable.Range(0, NodeCount).SelectMany(task => File.ReadLines(LogOf($"{array}_{task}"))).ToArray();
        Assert.All(TwelveSlides.Names.Except(TwelveSlides.LongNames), name => Assert.Single(lines, $"{name}: 100 %"));
        Assert.All((string[])["slide-01", "slide-02"], name => Assert.Contains($"{name}: finished before", lines));
    }

    private string LogOf(string task) => Path.Combine(Logs, $"mlps-slides-{task}.log");

    /// <summary>Whether the log says that a slide is in the middle.</summary>
    private bool IsInTheMiddle(string task, string slide) => TwelveSlides.IsInTheMiddle(Output, slide)
        && File.ReadLines(LogOf(task)).Any(line => line.StartsWith($"{slide}: ", StringComparison.Ordinal) && line.EndsWith(" %", StringComparison.Ordinal) && int.Parse(line[(slide.Length + 2)..^2], CultureInfo.InvariantCulture) >= FarEnough);

    private string AllLogs() => string.Join("\n", Directory.GetFiles(Logs).Select(file => $"{Path.GetFileName(file)}:\n{File.ReadAllText(file)}"));
}
