using BitMiracle.LibTiff.Classic;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

/// <summary>The tables of the output folder have all slides whose results lie in it, not only those of the last run.</summary>
[Collection(TrainedModel.Name)]
public sealed class SlideSummaryTests : IDisposable
{
    private static readonly SlideSegmentationOptions _options = new() { TileSize = 64, WritePage = false };
    private readonly TrainedModel _trained;
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _slides;

    public SlideSummaryTests(TrainedModel trained)
    {
        _trained = trained;
        _slides = [.. ((string[])["a", "b"]).Select(name => new TestTiff { Width = 500, Height = 420, Resolution = (20_000, ResUnit.CENTIMETER) }.Write(_folder.Combine(name + ".tif")))];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OneSlideAlone_LeavesTheOthersInTheTables()
    {
        Run(_slides);
        var areas = File.ReadAllText(_folder.Combine("out", "areas.csv"));
        Run(_slides[1..]);

        Assert.Equal(areas, File.ReadAllText(_folder.Combine("out", "areas.csv")));
        Assert.Equal(["a", "b"], InAreas());
        Assert.Contains("2 slides: 2 finished", File.ReadAllText(_folder.Combine("out", "summary.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_BeforeASlideThatWasFinished_ItStaysInTheTables()
    {
        Run(_slides);
        Assert.ThrowsAny<OperationCanceledException>(() => Run(_slides, _options with { FindTissue = slide => slide.Name == "b" ? throw new OperationCanceledException() : TissueMask.Whole(slide) }));

        Assert.Equal(["a", "b"], InAreas());
    }

    /// <summary>Its files are being made anew, so that the areas of before are none of theirs.</summary>
    [Fact]
    public void Cancelled_WithinASlide_ItIsNotInTheTables()
    {
        Run(_slides);
        using var stop = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => Run(_slides, _options with { SmallestPolygon = 5 }, new Reports(report => Stop(report, _slides[1], stop)), stop.Token));

        Assert.Equal(["a"], InAreas());
    }

    [Fact]
    public void ASlideWhoseFilesAreMissing_IsNotInTheTables()
    {
        Run(_slides);
        File.Delete(_folder.Combine("out", "a", "mask.tif"));
        Run(_slides[1..]);

        Assert.Equal(["b"], InAreas());
    }

    private static void Stop(SlideProgress report, string path, CancellationTokenSource stop)
    {
        if (report.Path == path && report.BandsDone > 0)
        {
            stop.Cancel();
        }
    }

    private IEnumerable<string> InAreas() => File.ReadAllLines(_folder.Combine("out", "areas.csv")).Skip(1).Select(row => row.Split(',')[0]).Distinct();

    private void Run(string[] slides, SlideSegmentationOptions? options = null, IProgress<SlideProgress>? progress = null, CancellationToken cancellation = default) =>
        new SlideSegmenter(_trained.Ml, _trained.Model, "model", options ?? _options).Run(slides, _folder.Combine("out"), new SlideOptions { Backend = SlideBackend.Tiff }, progress, cancellation);

    private sealed class Reports(Action<SlideProgress> report) : IProgress<SlideProgress>
    {
        public void Report(SlideProgress value) => report(value);
    }
}
