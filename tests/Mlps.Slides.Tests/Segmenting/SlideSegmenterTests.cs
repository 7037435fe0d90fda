using System.Globalization;
using System.Security.Cryptography;
using BitMiracle.LibTiff.Classic;
using Mlps.ML;
using Mlps.ML.Tests.Chain;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>Small slides through a chain of tiny networks, to every file.</summary>
[Collection(TrainedModel.Name)]
public sealed class SlideSegmenterTests : IDisposable
{
    private static readonly SlideSegmentationOptions _options = new() { TileSize = 64 };
    private static readonly SlideOptions _managed = new() { Backend = SlideBackend.Tiff };
    private readonly TrainedModel _trained;
    private readonly TemporaryFolder _folder = new();
    private readonly string _slide;

    public SlideSegmenterTests(TrainedModel trained)
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

        Assert.Equal(SlideItem.Of([_slide, other]).Select(item => _folder.Combine("out", item.Name)), results.Select(result => result.Folder));
        Assert.Equal(File.ReadAllBytes(Path.Combine(results[0].Folder, "mask.tif")), File.ReadAllBytes(Path.Combine(results[1].Folder, "mask.tif")));
        Assert.Equal(results.Select(result => Path.GetFileName(result.Folder)).Order(StringComparer.Ordinal), File.ReadAllLines(_folder.Combine("out", "areas.csv")).Skip(1).Select(row => row.Split(',')[0]).Distinct());
    }

    [Fact]
    public void Settings_AreTheSameInEveryLanguage()
    {
        var (culture, comma) = (CultureInfo.CurrentCulture, (CultureInfo)CultureInfo.InvariantCulture.Clone());
        comma.NumberFormat.NumberDecimalSeparator = ",";
        SortedDictionary<string, string> Settings() => (_options with { Tissue = new() { LargestHole = 1.5 } }).Settings(0.5, new(), given: null);
        var expected = Settings();
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(expected, Settings());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Run_NamesThatAreNone_AreRefused()
    {
        var segmenter = new SlideSegmenter(_trained.Ml, _trained.Model, "model", _options);

        Assert.Contains("'../a'", Assert.Throws<ArgumentException>(() => segmenter.Run([new SlideItem("../a", _slide)], _folder.Combine("out"))).Message, StringComparison.Ordinal);
        Assert.Contains("same name, 'A'", Assert.Throws<ArgumentException>(() => segmenter.Run([new SlideItem("a", _slide), new SlideItem("A", _slide)], _folder.Combine("out"))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("out")));
    }

    [Fact]
    public void Run_WithLess_LeavesNoFileOfTheRunBefore()
    {
        Run("out", _options with { WriteAsap = true, WriteTiles = true });
        Run("out", _options with { WritePage = false });
        Run("other", _options with { WritePage = false });

        Assert.Equal(Digests("other").Keys, Digests("out").Keys);
    }

    [Fact]
    public void Run_ASlideThatWasReplaced_IsMadeAnew()
    {
        Run("out", _options with { WritePage = false });
        new TestTiff { Width = 500, Height = 420, Levels = 1, Resolution = (20_000, ResUnit.CENTIMETER) }.Write(_slide);

        Assert.False(Assert.Single(Run("out", _options with { WritePage = false })).WasFinished);
    }

    /// <summary>The table of tiles and the mask come from the same probabilities, and an interrupted run keeps both.</summary>
    [Fact]
    public void Tiles_HaveTheMeanProbabilitiesOfTheirTissue()
    {
        // Tissue is the left half. Tiles of 64 px of 1 µm, half over each other: 128 px of the slide, at every 64.
        var options = _options with { FindTissue = _ => new TissueMask([true, false], 2, 1, 250, 420), WriteTiles = true, WritePage = false };
        using (var stop = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Run("stopped", options, new Reports(report => Stop(report, stop)), stop.Token));
        }

        Run("stopped", options);
        Run("out", options);

        Assert.Equal(File.ReadAllBytes(_folder.Combine("out", "slide", "tiles.csv")), File.ReadAllBytes(_folder.Combine("stopped", "slide", "tiles.csv")));
        var rows = File.ReadAllLines(_folder.Combine("out", "slide", "tiles.csv")).Select(row => row.Split(',')).ToArray();
        Assert.Equal(["minx", "miny", "width", "height", "prob_striped", "prob_layered"], rows[0]);
        Assert.Equal(
            from y in Enumerable.Range(0, 6) from x in Enumerable.Range(0, 4) select $"{64 * x} {64 * y} 128 {Math.Min(128, 420 - (64 * y))}",
            rows.Skip(1).Select(row => string.Join(' ', row[..4])));
        using var slide = Slide.Open(_slide, _managed);
        var tiles = _trained.Ml.TissueSegmentation.Tiles(slide, new TileOptions { MicronsPerPixel = 1, Size = 64, Mask = TissueMask.Whole(slide) });
        var predicted = SlideModel.Of(_trained.Model, segmentation: null).Transform(tiles);
        var probabilities = predicted.Vectors<float>("PixelProbability");
        var masks = predicted.Vectors<byte>("PredictedMask");
        foreach (var (row, index) in rows.Skip(1).Select((row, index) => (row, index)))
        {
            // Of the whole grid's seven columns, four touch the tissue, whose last pixel is the 125th.
            var (line, column) = (index / 4, index % 4);
            var tile = (line * tiles.Grid.Columns) + column;
            var inside = Enumerable.Range(0, 64 * 64).Where(pixel => (column * 32) + (pixel % 64) < 125 && (line * 32) + (pixel / 64) < 210).ToArray();
            for (var tissue = 0; tissue < 2; tissue++)
            {
                var mean = inside.Average(pixel => masks[tile][pixel] < 2 ? probabilities[tile][(tissue * 64 * 64) + pixel] : 0.0);
                Assert.Equal(mean, double.Parse(row[4 + tissue], CultureInfo.InvariantCulture), 1e-5);
            }
        }

        static void Stop(SlideProgress report, CancellationTokenSource stop)
        {
            if (report.BandsDone == 3)
            {
                stop.Cancel();
            }
        }
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
        var left = new TissueMask([true, false], 2, 1, 250, 420);

        Run("out", _options with { FindTissue = _ => left, WritePage = false });

        var record = SlideRecord.Read(_folder.Combine("out", "slide", "slide.json"))!;
        Assert.Equal(125 * 210, record.Areas.Single(area => area.Name == SlideAreas.NotLookedAtName).Pixels);

        // The same mask, and then another one.
        Assert.True(Assert.Single(Run("out", _options with { FindTissue = _ => new TissueMask([true, false], 2, 1, 250, 420), WritePage = false })).WasFinished);
        Assert.False(Assert.Single(Run("out", _options with { FindTissue = _ => new TissueMask([false, true], 2, 1, 250, 420), WritePage = false })).WasFinished);
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
}
