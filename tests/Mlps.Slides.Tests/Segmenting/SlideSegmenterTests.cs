using System.Security.Cryptography;
using BitMiracle.LibTiff.Classic;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.ML.Tests.Chain;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>Small slides through a chain of tiny networks, to every file.</summary>
public sealed class SlideSegmenterTests : IClassFixture<SlideSegmenterTests.Trained>, IDisposable
{
    private static readonly SlideSegmentationOptions _options = new() { TileSize = 64 };
    private static readonly SlideOptions _managed = new() { Backend = SlideBackend.Tiff };
    private readonly Trained _trained;
    private readonly TemporaryFolder _folder = new();
    private readonly string _slide;

    public SlideSegmenterTests(Trained trained)
    {
        _trained = trained;
        _slide = new TestTiff { Width = 500, Height = 420, Levels = 2, Resolution = (20_000, ResUnit.CENTIMETER) }.Write(_folder.Combine("slide.tif"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_WritesEveryFile_AndIsDoneTheSecondTime()
    {
        var first = Run("out");
        var before = Digests("out");
        var second = Run("out");

        var result = Assert.Single(first);
        Assert.Equal((SlideState.Finished, false), (result.State, result.WasFinished));
        Assert.True(Assert.Single(second).WasFinished);
        Assert.Equal(before, Digests("out"));
        Assert.All(
            (string[])["slide/mask.tif", "slide/annotations.geojson", "slide/annotations.geojson.gz", "slide/areas.csv", "slide/overview.png", "slide/tissue.png", "slide/slide.json", "slide/index.html", "areas.csv", "summary.md"],
            file => Assert.Contains(file, before.Keys));
        Assert.DoesNotContain("slide/mask.bands", before.Keys);

        // 500 x 420 px of 0.5 µm, at the model's 1 µm.
        var record = SlideRecord.Read(_folder.Combine("out", "slide", "slide.json"))!;
        Assert.Equal(250 * 210, record.Areas.Where(area => area.Name != SlideAreas.TissueName).Sum(area => area.Pixels));
        Assert.Equal(1, record.MaskMicronsPerPixel);
    }

    [Fact]
    public void Run_StoppedAfterEachBand_EndsInTheSameBytes()
    {
        Run("whole");
        var bands = 0;
        for (var stopped = true; stopped;)
        {
            using var stop = new CancellationTokenSource();
            try
            {
                Run("stopped", progress: new Reports(report =>
                {
                    bands++;
                    stop.Cancel();
                }), cancellation: stop.Token);
                stopped = false;
            }
            catch (OperationCanceledException)
            {
                Assert.False(File.Exists(_folder.Combine("stopped", "slide", "slide.json")));
            }
        }

        Assert.Equal(7, bands);
        Assert.Equal(Without(Digests("whole"), "slide/slide.json"), Without(Digests("stopped"), "slide/slide.json"));
    }

    [Fact]
    public void Run_WithOtherSettingsOrAnotherModel_BeginsAnew()
    {
        Run("out");

        Assert.False(Assert.Single(Run("out", _options with { SmallestPolygon = 5 })).WasFinished);
        Assert.True(Assert.Single(Run("out", _options with { SmallestPolygon = 5 })).WasFinished);
        var other = new SlideSegmenter(_trained.Ml, _trained.Model, "another", _options with { SmallestPolygon = 5 });
        Assert.False(Assert.Single(other.Run([_slide], _folder.Combine("out"), _managed)).WasFinished);
    }

    [Fact]
    public void Run_ABrokenSlide_DoesNotStopTheOthers()
    {
        var broken = _folder.Combine("broken.tif");
        File.WriteAllBytes(broken, File.ReadAllBytes(_slide)[..2000]);
        var glass = new TestTiff { Sample = static (_, _, _) => 240, Resolution = (20_000, ResUnit.CENTIMETER) }.Write(_folder.Combine("glass.tif"));

        var results = new SlideSegmenter(_trained.Ml, _trained.Model, "model", _options).Run([broken, glass, _slide], _folder.Combine("out"), _managed);

        Assert.Equal([SlideState.Failed, SlideState.Skipped, SlideState.Finished], results.Select(result => result.State));
        Assert.Contains("broken.tif", results[0].Reason, StringComparison.Ordinal);
        Assert.Contains("No tissue", results[1].Reason, StringComparison.Ordinal);
        var summary = File.ReadAllText(_folder.Combine("out", "summary.md"));
        Assert.Contains("3 slides: 1 finished, 1 skipped, 1 failed", summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TwoSlidesOfOneName_HaveTheirOwnFolders()
    {
        var other = _folder.File("more/slide.tif");
        File.Copy(_slide, other);

        var results = new SlideSegmenter(_trained.Ml, _trained.Model, "model", _options with { WritePage = false }).Run([_slide, other], _folder.Combine("out"), _managed);

        Assert.Equal(["slide", "slide-2"], results.Select(result => Path.GetFileName(result.Folder)));
        Assert.Equal(File.ReadAllBytes(Path.Combine(results[0].Folder, "mask.tif")), File.ReadAllBytes(Path.Combine(results[1].Folder, "mask.tif")));
    }

    [Fact]
    public void Model_WithoutASizeOfPixels_MustBeTold()
    {
        var segmenter = _trained.Model.LastTransformer;
        using var silent = TinyChain.Create(_trained.Ml).Fit(TinyTable.Patches(4).Labelled());

        var error = Assert.Throws<SlideException>(() => new SlideSegmenter(_trained.Ml, silent, "model"));
        Assert.Contains("--model-mpp", error.Message, StringComparison.Ordinal);
        _ = new SlideSegmenter(_trained.Ml, silent, "model", _options with { ModelMicronsPerPixel = 1 });
        Assert.Equal(1, segmenter.MicronsPerPixel);
    }

    [Fact]
    public void Model_ThatEndsOtherwise_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => new SlideSegmenter(_trained.Ml, _trained.Model.ClassifierOf(), "model"));

        Assert.Contains("does not end with a tissue segmenter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tissue_ByTheUsersMask_IsAllThatIsSegmented()
    {
        var mask = new TissueMask([true, false], 2, 1, 250, 420);

        Run("out", _options with { FindTissue = _ => mask, FindTissueName = "left half", WritePage = false });

        var record = SlideRecord.Read(_folder.Combine("out", "slide", "slide.json"))!;
        Assert.Equal(125 * 210, record.Areas.Single(area => area.Name == SlideAreas.NotLookedAtName).Pixels);
        Assert.Throws<ArgumentException>(() => Run("out", _options with { FindTissue = _ => mask }));
    }

    private IReadOnlyList<SlideResult> Run(string output, SlideSegmentationOptions? options = null, IProgress<SlideProgress>? progress = null, CancellationToken cancellation = default) =>
        new SlideSegmenter(_trained.Ml, _trained.Model, "model", options ?? _options).Run([_slide], _folder.Combine(output), _managed, progress, cancellation);

    private SortedDictionary<string, string> Digests(string output)
    {
        var folder = _folder.Combine(output);
        return new(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            path => Path.GetRelativePath(folder, path).Replace('\\', '/'), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))), StringComparer.Ordinal);
    }

    private static SortedDictionary<string, string> Without(SortedDictionary<string, string> files, string name)
    {
        Assert.True(files.Remove(name));
        return files;
    }

    private sealed class Reports(Action<SlideProgress> report) : IProgress<SlideProgress>
    {
        public void Report(SlideProgress value) => report(value);
    }

    /// <summary>A chain that knows that its patches have pixels of 1 µm.</summary>
    public sealed class Trained : IDisposable
    {
        public MLContext Ml { get; } = new(seed: 3);

        public TransformerChain<GatedSegmenterTransformer> Model => field ??= TinyChain.Create(Ml, segmenter: TinyChain.Segmenter with { MicronsPerPixel = 1 }).Fit(TinyTable.Patches(6).Labelled());

        public void Dispose() => Model.Dispose();
    }
}
