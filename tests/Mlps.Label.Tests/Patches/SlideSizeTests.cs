using BitMiracle.LibTiff.Classic;
using Mlps.Cli.Output;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Patches;

/// <summary>Patches of a slide that says the size of its pixels wrongly lie where they were cut.</summary>
public sealed class SlideSizeTests : IDisposable
{
    private const int Side = 50;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Import_ARegionOverOnePatch_LabelsThatPatchAlone()
    {
        var (patches, places) = Cut();
        var (key, place) = places.First();
        WriteRegion(place, Side);

        var answer = Assert.Single(new RegionLabels(0.05, new SlideOptions()).Read(_folder.Combine("regions.geojson"), patches, LabelTestData.Classes, CancellationToken.None));

        Assert.Equal((key, 1u), (answer.Patch, answer.Tissues));
    }

    [Fact]
    public void Import_SlideThatIsGone_NeedsOnlyTheTable()
    {
        var (patches, places) = Cut();
        File.Delete(_folder.Combine("slides", "a.tif"));
        WriteRegion(places.First().Value, Side);

        Assert.Single(new RegionLabels(0.05, new SlideOptions()).Read(_folder.Combine("regions.geojson"), patches, LabelTestData.Classes, CancellationToken.None));
    }

    [Fact]
    public void Import_TableOfAnEarlierVersion_TakesWhatTheSlideOrTheOptionSays()
    {
        var (patches, places) = Cut();
        var table = _folder.Combine("out", "patches.csv");
        File.WriteAllLines(table, File.ReadAllLines(table).Select(line => string.Join(',', line.Split(',')[..7])));
        WriteRegion(places.First().Value, Side * 2);

        // By the slide, patches are twice as wide: one is covered whole, its right and lower neighbours to a half.
        Assert.Equal(3, Count(new SlideOptions()));
        Assert.Equal(4, Count(new SlideOptions { MicronsPerPixel = 0.5 }));

        int Count(SlideOptions options) => new RegionLabels(0.05, options).Read(_folder.Combine("regions.geojson"), patches, LabelTestData.Classes, CancellationToken.None).Count;
    }

    [Fact]
    public void Surroundings_AreThreeSidesOfThePatch()
    {
        var (key, place) = Cut().Places.First();
        using var surroundings = new Surroundings(PatchPlace.ReadAll(_folder.Combine("out")));
        using var slide = Slide.Open(place.Slide);

        File.WriteAllBytes(_folder.Combine("around.png"), surroundings.Read(key));

        using var picture = Microsoft.ML.Data.MLImage.CreateFromFile(_folder.Combine("around.png"));
        Assert.Equal(3 * Side, picture.Width);
        Assert.Equal(slide.ReadRegion(place.X - Side, place.Y - Side, 3 * Side, 3 * Side), RgbImage.FromMLImage(picture).Pixels.ToArray());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>All patches of a slide that says 0.25 µm a pixel, cut as if it were 0.5.</summary>
    private (PatchList Patches, IReadOnlyDictionary<string, PatchPlace> Places) Cut()
    {
        WriteTiff(_folder.File("slides/a.tif"), width: 300, height: 200);
        new PatchCutting(new SlideOptions { MicronsPerPixel = 0.5 }, new SlidePatchOptions { MicronsPerPixel = 0.5, Size = Side, PerSlide = 100 }, TissueMask.Whole, _folder.Combine("out"))
            .Run([new SlideItem("a", _folder.Combine("slides", "a.tif"))], [], CancellationToken.None);
        return (PatchList.Open(_folder.Combine("out"), _folder.Combine("labels"), null, CancellationToken.None), PatchPlace.ReadAll(_folder.Combine("out")));
    }

    /// <summary>A TIFF of 0.25 µm a pixel, whose pixels say where they are.</summary>
    private static void WriteTiff(string path, int width, int height)
    {
        using var tiff = Tiff.Open(path, "w");
        tiff.SetField(TiffTag.IMAGEWIDTH, width);
        tiff.SetField(TiffTag.IMAGELENGTH, height);
        tiff.SetField(TiffTag.BITSPERSAMPLE, 8);
        tiff.SetField(TiffTag.SAMPLESPERPIXEL, 3);
        tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.RGB);
        tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
        tiff.SetField(TiffTag.ROWSPERSTRIP, 8);
        tiff.SetField(TiffTag.RESOLUTIONUNIT, ResUnit.CENTIMETER);
        tiff.SetField(TiffTag.XRESOLUTION, 40_000.0);
        tiff.SetField(TiffTag.YRESOLUTION, 40_000.0);
        for (var y = 0; y < height; y++)
        {
            tiff.WriteScanline([.. Enumerable.Range(0, width).SelectMany(x => new[] { (byte)x, (byte)y, (byte)(x + y) })], y);
        }
    }

    private void WriteRegion(PatchPlace place, double side)
    {
        var (left, top, right, bottom) = (place.X, place.Y, place.X + side, place.Y + side);
        File.WriteAllText(
            _folder.Combine("regions.geojson"),
            FormattableString.Invariant($$$"""{"type": "Feature", "properties": {"classification": {"name": "tumor"}}, "geometry": {"type": "Polygon", "coordinates": [[[{{{left}}},{{{top}}}],[{{{right}}},{{{top}}}],[{{{right}}},{{{bottom}}}],[{{{left}}},{{{bottom}}}],[{{{left}}},{{{top}}}]]]}}"""));
    }
}
