using BitMiracle.LibTiff.Classic;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>What fails, and what a failure leaves as it was.</summary>
[Collection(TrainedModel.Name)]
public sealed class SlideFailureTests : IDisposable
{
    private static readonly SlideSegmentationOptions _options = new() { TileSize = 64 };
    private readonly TrainedModel _trained;
    private readonly TemporaryFolder _folder = new();

    public SlideFailureTests(TrainedModel trained) => _trained = trained;

    public void Dispose() => _folder.Dispose();

    /// <summary>The damaged part is glass, which nothing but the page reads in full.</summary>
    [Fact]
    public void ASlide_DamagedOnGlass_DoesNotStopTheOthers()
    {
        var wide = new TestTiff { Width = 8400, Height = 120, Levels = 3, Compression = Compression.ADOBE_DEFLATE, Resolution = (20_000, ResUnit.CENTIMETER) };
        var (good, damaged) = (wide.Write(_folder.Combine("good.tif")), wide.Write(_folder.Combine("damaged.tif")));
        Damage(damaged, level: 1, tile: 60);
        var options = _options with { FindTissue = slide => new TissueMask([true, .. new bool[31]], 32, 1, slide.Width / 32.0, slide.Height) };

        var results = new SlideSegmenter(_trained.Ml, _trained.Model, "model", options).Run([damaged, good], _folder.Combine("out"), new SlideOptions { Backend = SlideBackend.Tiff });

        Assert.Equal([SlideState.Failed, SlideState.Finished], results.Select(result => result.State));
        Assert.Contains("damaged.tif", results[0].Reason, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.Combine("out", "damaged", "mask.tif")));
    }

    /// <summary>A wrong option of one run does not undo the work of another.</summary>
    [Fact]
    public void AFailure_LeavesAFinishedSlideFinished()
    {
        var path = new TestTiff { Width = 500, Height = 420 }.Write(_folder.Combine("slide.tif"));
        var right = new SlideOptions { Backend = SlideBackend.Tiff, MicronsPerPixel = 0.5 };
        Assert.Equal(SlideState.Finished, Run(right).State);

        var failed = Run(right with { MicronsPerPixel = null });
        Assert.Equal(SlideState.Failed, failed.State);
        Assert.Contains("1 slide: 0 finished, 0 skipped, 1 failed", File.ReadAllText(_folder.Combine("out", "summary.md")), StringComparison.Ordinal);
        Assert.Equal((SlideState.Finished, true), (Run(right) is var again ? again.State : default, again.WasFinished));

        // One that is not whole any more is no result to keep.
        File.Delete(_folder.Combine("out", "slide", "mask.tif"));
        Run(right with { MicronsPerPixel = null });
        Assert.Equal(SlideState.Failed, SlideRecord.Read(_folder.Combine("out", "slide", "slide.json"))!.State);

        SlideResult Run(SlideOptions options) => Assert.Single(new SlideSegmenter(_trained.Ml, _trained.Model, "model", _options with { WritePage = false }).Run([path], _folder.Combine("out"), options));
    }

    /// <summary>Before any slide is computed, and only where the library is needed.</summary>
    [Fact]
    public void WithoutSqlite_AnAnnotationStore_IsRefusedAtOnce()
    {
        var message = Assert.Throws<SlideException>(() => Create(_options with { WriteAnnotationStore = true }, hasSqlite: false)).Message;

        Assert.Contains("annotations.db", message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libsqlite3-0", message, StringComparison.Ordinal);
        Assert.NotNull(Create(_options, hasSqlite: false));
        Assert.NotNull(Create(_options with { WriteAnnotationStore = true }, hasSqlite: true));

        SlideSegmenter Create(SlideSegmentationOptions options, bool hasSqlite) => new(_trained.Ml, _trained.Model, "model", options, () => hasSqlite);
    }

    /// <summary>Overwrites the packed bytes of a tile.</summary>
    private static void Damage(string path, short level, int tile)
    {
        long offset, length;
        using (var tiff = Tiff.Open(path, "r"))
        {
            Assert.True(tiff.SetDirectory(level));
            (offset, length) = (tiff.GetField(TiffTag.TILEOFFSETS)[0].ToIntArray()[tile], tiff.GetField(TiffTag.TILEBYTECOUNTS)[0].ToIntArray()[tile]);
        }

        using var file = File.OpenWrite(path);
        file.Position = offset;
        file.Write([.. Enumerable.Repeat(byte.MaxValue, (int)length)]);
    }
}
