using System.Diagnostics;
using System.Globalization;
using BitMiracle.LibTiff.Classic;
using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.CommandLine;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary><c>mlps slides</c> as a process.</summary>
[Collection(TrainedModel.Name)]
public sealed class SlidesCommandTests : IDisposable
{
    private const int SomeFailed = 3;
    private const int Interrupted = 130;

    /// <summary>How many runs are killed; more find more.</summary>
    private static readonly int _kills = int.Parse(Environment.GetEnvironmentVariable("MLPS_KILLS") ?? "1", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public SlidesCommandTests(TrainedModel trained) => _model = trained.Save(_folder.Combine("model.zip"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AFolder_WithABrokenSlideAndSomethingElse_IsDoneAllTheSame()
    {
        var good = Slide("slides/good.tif", 500, 420);
        File.WriteAllBytes(_folder.Combine("slides", "broken.tif"), File.ReadAllBytes(good)[..2000]);
        File.WriteAllText(_folder.Combine("slides", "notes.txt"), "text");

        var first = await RunAsync("slides", "out", "--csv-tiles", "--asap");
        var before = Digests("out/good");
        var second = await RunAsync("slides", "out", "--csv-tiles", "--asap");

        Assert.True(first.ExitCode == SomeFailed, first.Output + first.Error);
        Assert.Contains("good: finished\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("broken: failed\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("warning: " + _folder.Combine("slides", "broken.tif"), first.Output, StringComparison.Ordinal);
        Assert.Contains("notes.txt", await File.ReadAllTextAsync(_folder.Combine("out", "left-out.csv")), StringComparison.Ordinal);
        var summary = await File.ReadAllTextAsync(_folder.Combine("out", "summary.md"));
        Assert.Contains("2 slides: 1 finished, 0 skipped, 1 failed.", summary, StringComparison.Ordinal);
        Assert.Contains("## Failed", summary, StringComparison.Ordinal);
        Assert.Subset(
            before.Keys.ToHashSet(),
            new HashSet<string> { "mask.tif", "annotations.geojson", "annotations.geojson.gz", "annotations.asap.xml", "tiles.csv", "areas.csv", "overview.png", "tissue.png", "index.html", "slide.json" });

        Assert.Equal(SomeFailed, second.ExitCode);
        Assert.Contains("good: finished before\n", second.Output, StringComparison.Ordinal);
        Assert.Equal(before, Digests("out/good"));
    }

    /// <summary>Killed at random moments and started again, over and over, a run ends in the bytes of one that was let alone; and so does one that was interrupted.</summary>
    [Fact]
    public async Task ARun_KilledAtRandomMoments_EndsInTheSameBytes()
    {
        Slide("slides/slide.tif", 900, 800);
        var clock = new Stopwatch();
        var start = TimeSpan.Zero;
        var whole = await ProbeProcess.RunAsync(SlowCommand("whole"), async process =>
        {
            clock.Start();
            await FirstBandAsync(process, "whole");
            start = clock.Elapsed;
            await process.WaitForExitAsync();
            clock.Stop();
            return false;
        });
        Assert.True(whole.ExitCode == 0, whole.Output + whole.Error);
        var expected = Digests("whole/slide");
        Assert.All((await File.ReadAllLinesAsync(_folder.Combine("whole", "slide", "areas.csv")))[1..3], row => Assert.DoesNotContain(",0,", row, StringComparison.Ordinal));

        var stopped = await ProbeProcess.RunAsync(SlowCommand("killed"), async process =>
        {
            await FirstBandAsync(process, "killed");
            await CommandLineProcess.InterruptAsync(process);
            return false;
        });
        Assert.True(stopped.ExitCode == Interrupted, stopped.Output + stopped.Error);
        Assert.DoesNotContain("slide: 100 %", stopped.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.Combine("killed", "slide", "mask.bands")));
        Assert.False(File.Exists(_folder.Combine("killed", "slide", "slide.json")));

        var random = new Random(7);
        var moments = new List<string>();
        for (var kill = 0; kill < _kills; kill++)
        {
            // Before the first band there is nothing to lose.
            var moment = start + ((clock.Elapsed - start) * random.NextDouble());
            var run = await ProbeProcess.RunAsync(SlowCommand("killed"), async process =>
            {
                await Task.Delay(moment);
                process.Kill();
                return true;
            });
            moments.Add(string.Create(CultureInfo.InvariantCulture, $"{moment.TotalMilliseconds:f0} ms"));
            if (run.ExitCode == 0 || kill == _kills - 1)
            {
                // That one came too late, or it is the last: to the end, and then anew.
                Assert.Equal(0, (await ProbeProcess.RunAsync(SlowCommand("killed"))).ExitCode);
                Assert.True(expected.SequenceEqual(Digests("killed/slide")), $"After kills at {string.Join(", ", moments)}: {string.Join(", ", expected.Except(Digests("killed/slide")).Select(file => file.Key))}");
                Directory.Delete(_folder.Combine("killed"), recursive: true);
            }
        }
    }

    /// <summary>Three runs of one part each, the last of which is named by its slide, and a summary: the bytes of one run over all.</summary>
    [Fact]
    public async Task Parts_RunSideBySide_AndSummedUp_AreWhatOneRunGives()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            Slide($"slides/{name}.tif", 500, 420);
        }

        Assert.Equal(0, (await RunAsync("slides", "whole", "--no-page")).ExitCode);
        var first = await RunAsync("slides", "parts", "--no-page", "--shard", "0/3");
        var early = await CohortAsync("parts");
        var others = await Task.WhenAll(RunAsync("slides", "parts", "--no-page", "--shard", "1/3"), RunAsync("slides", "parts", "--no-page", "--only", "c"));
        var summary = await CohortAsync("parts");

        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        Assert.Contains("Part 0/3: 1 slide\n", first.Output, StringComparison.Ordinal);
        Assert.Equal(SomeFailed, early.ExitCode);
        Assert.Contains("3 slides: 1 finished, 0 skipped, 0 failed, 2 unfinished", early.Output, StringComparison.Ordinal);
        Assert.Contains("warning: b: It is not begun.", early.Output, StringComparison.Ordinal);
        Assert.All(others, run => Assert.Equal(0, run.ExitCode));
        Assert.True(summary.ExitCode == 0, summary.Output + summary.Error);
        foreach (var name in (string[])["a", "b", "c"])
        {
            Assert.Equal(Digests($"whole/{name}"), Digests($"parts/{name}"));
        }

        foreach (var name in (string[])["areas.csv", "summary.md"])
        {
            Assert.Equal(await File.ReadAllTextAsync(_folder.Combine("whole", name)), await File.ReadAllTextAsync(_folder.Combine("parts", name)));
        }

        await using var reader = await Parquet.ParquetReader.CreateAsync(_folder.Combine("parts", "cohort.parquet"));
        var header = (await File.ReadAllLinesAsync(_folder.Combine("parts", "cohort.csv")))[0];
        Assert.Equal(header.Replace("\"", "", StringComparison.Ordinal), string.Join(',', reader.Schema.DataFields.Select(field => field.Name)));
        Assert.Equal(3, reader.Metadata!.NumRows);
    }

    [Theory]
    [InlineData("3/3", "I/N")]
    [InlineData("slurm", "This is no task of a Slurm job array")]
    public async Task APart_ThatIsNone_IsSaid(string part, string message)
    {
        Slide("slides/a.tif", 100, 100);

        var run = await RunAsync("slides", "out", "--shard", part);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("out")));
    }

    [Fact]
    public async Task ASlideThatIsNone_IsSaid()
    {
        Slide("slides/a.tif", 100, 100);

        var run = await RunAsync("slides", "out", "--only", "b");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("There is no slide named 'b' among 1.", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("out")));
    }

    private Task<ProbeResult> CohortAsync(string output) => ProbeProcess.RunAsync(CommandLineProcess.Command("cohort", "summarize", "--output", _folder.Combine(output)));

    private string Slide(string path, int width, int height) =>
        new TestTiff { Width = width, Height = height, Levels = 2, Resolution = (20_000, ResUnit.CENTIMETER) }.Write(_folder.File(path));

    private string[] Command(string slides, string output, params string[] more) => CommandLineProcess.Command(
        ["slides", "--model", _model, "--slides", _folder.Combine(slides), "--output", _folder.Combine(output), "--tile-size", "64", "--backend", "tiff", .. more]);

    /// <summary>Views take time, so that a stop comes between two bands.</summary>
    private string[] SlowCommand(string output) => Command("slides", output, "--views", "4", "--csv-tiles", "--asap");

    private Task<ProbeResult> RunAsync(string slides, string output, params string[] more) => ProbeProcess.RunAsync(Command(slides, output, more));

    private async Task FirstBandAsync(Process process, string output)
    {
        var bands = new FileInfo(_folder.Combine(output, "slide", "mask.bands"));
        while (!process.HasExited && !(bands.Exists && bands.Length > 100))
        {
            await Task.Delay(5);
            bands.Refresh();
        }
    }

    private SortedDictionary<string, string> Digests(string output) => ResultDigests.Of(_folder.Combine(output.Split('/')));
}
