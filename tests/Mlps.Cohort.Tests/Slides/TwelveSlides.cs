using System.Diagnostics;
using System.Text.Json.Nodes;
using BitMiracle.LibTiff.Classic;
using Mlps.Slides.Tests.Reading;
using Mlps.Slides.Tests.Segmenting;
using Mlps.Testing;
using Xunit;

namespace Mlps.Cohort.Tests.Slides;

/// <summary>Twelve small slides, a model of tiny networks, and what one run on this machine makes of them.</summary>
[CollectionDefinition(CollectionName)]
public sealed class TwelveSlides : ICollectionFixture<TwelveSlides>, IDisposable
{
    public const string CollectionName = "Twelve slides";

    private const int Count = 12;
    private const int BandsHead = 100;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    /// <summary>Made when a test runs that is not skipped.</summary>
    private readonly Lazy<string> _whole;

    public TwelveSlides() => _whole = new(MakeWhole);

    /// <summary>Slides that take long, so that a run can be killed in the middle of them; each is the second of its part of four.</summary>
    public static IReadOnlyList<string> LongNames { get; } = [Name(5), Name(6)];

    /// <summary>The names of all slides.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, Count).Select(Name)];

    /// <summary><c>mlps</c> as one program.</summary>
    public string Program => _folder.Combine("mlps");

    /// <summary>The model's file.</summary>
    public string Model => _folder.Combine("model.zip");

    /// <summary>The slides' folder.</summary>
    public string Slides => _folder.Combine("slides");

    /// <summary>How all runs are made, but for their output: views take time.</summary>
    public static IReadOnlyList<string> Options { get; } = ["--tile-size", "64", "--views", "2", "--backend", "tiff", "--csv-tiles", "--no-page", "--smallest-tissue", "20"];

    /// <summary>The results of one run over all slides.</summary>
    public string Whole => _whole.Value;

    /// <summary>Waits for something, and fails where it takes minutes.</summary>
    public static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        var limit = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(limit.Elapsed < _limit, otherwise);
            await Task.Delay(5);
        }
    }

    /// <summary>Whether a slide has a band, and is not finished.</summary>
    /// <remarks>The file of bands is not opened: it is locked against a second run.</remarks>
    public static bool IsInTheMiddle(string output, string name) =>
        new FileInfo(Path.Combine(output, name, "mask.bands")) is { Exists: true, Length: > BandsHead } && !File.Exists(RecordOf(output, name));

    /// <summary>The records of the slides that are finished, with the seconds of the runs that finished them, by name.</summary>
    public static Dictionary<string, string> Records(string output) => Names.Where(name => File.Exists(RecordOf(output, name))).ToDictionary(name => name, name => File.ReadAllText(RecordOf(output, name)));

    /// <summary>How many tiles the run computed that finished a slide.</summary>
    public static int TilesOf(string output, string name) => (int)JsonNode.Parse(File.ReadAllText(RecordOf(output, name)))!["timings"]!["tiles"]!.GetValue<double>();

    /// <summary>All results are those of the one run, byte for byte.</summary>
    public void AssertSameAsWhole(string output)
    {
        foreach (var name in Names)
        {
            var (expected, actual) = (ResultDigests.Of(Path.Combine(Whole, name)), ResultDigests.Of(Path.Combine(output, name)));
            Assert.Equal(expected.Keys, actual.Keys);
            Assert.Empty(expected.Except(actual).Select(file => $"{name}/{file.Key}"));
        }

        foreach (var file in (string[])["areas.csv", "summary.md"])
        {
            Assert.Equal(File.ReadAllText(Path.Combine(Whole, file)), File.ReadAllText(Path.Combine(output, file)));
        }

        Assert.Equal(Names.Select(name => name + ",finished"), File.ReadLines(Path.Combine(output, "cohort.csv")).Skip(1).Select(row => string.Join(',', row.Split(',')[..2])));
        Assert.True(File.Exists(Path.Combine(output, "cohort.parquet")));
    }

    public void Dispose() => _folder.Dispose();

    private static string Name(int number) => $"slide-{number:00}";

    private static string RecordOf(string output, string name) => Path.Combine(output, name, "slide.json");

    private string MakeWhole()
    {
        WriteProgram();
        using (var trained = new TrainedModel())
        {
            trained.Save(Model);
        }

        for (var number = 0; number < Count; number++)
        {
            WriteSlide(number);
        }

        var whole = _folder.Combine("whole");
        var start = new ProcessStartInfo(Program, ["slides", "--model", Model, "--slides", Slides, "--output", whole, .. Options]);
        var (exitCode, output) = ProcessRun.ToEnd(start, _limit);
        Assert.True(exitCode == 0, output);
        return whole;
    }

    private void WriteSlide(int number)
    {
        var isLong = LongNames.Contains(Name(number));
        new TestTiff
        {
            Width = isLong ? 700 : 200 + (10 * number),
            Height = isLong ? 900 : 260,
            Levels = 2,
            Resolution = (20_000, ResUnit.CENTIMETER),
            Sample = (x, y, sample) => sample switch
            {
                0 => StubSource.Pattern(x + (29 * number), y).Red,
                1 => StubSource.Pattern(x + (29 * number), y).Green,
                _ => StubSource.Pattern(x + (29 * number), y).Blue,
            },
        }.Write(_folder.File($"slides/{Name(number)}.tif"));
    }

    /// <summary>The command line with the tests' dependencies, on one core.</summary>
    private void WriteProgram()
    {
        var own = Path.Combine(AppContext.BaseDirectory, typeof(TwelveSlides).Assembly.GetName().Name!);
        File.WriteAllText(Program, $"""
            #!/bin/sh
            export OMP_NUM_THREADS=1
            exec '{ProcessRun.DotNet}' exec --runtimeconfig '{own}.runtimeconfig.json' --depsfile '{own}.deps.json' '{Path.Combine(AppContext.BaseDirectory, "mlps.dll")}' "$@"

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
