using System.IO.Compression;
using System.Text;
using Mlps.ML;
using Mlps.Slides.Tests.Reading;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Tissue;

public sealed class TissueMaskTests : IDisposable
{
    private static readonly (byte, byte, byte) _pink = (220, 150, 190);
    private static readonly (byte, byte, byte) _glass = (243, 243, 244);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Tissue_IsFoundWhereItIs()
    {
        // 4096 px of 2 µm: pixels of the mask are 4 µm, a disc of 2 mm across in the middle.
        using var slide = Painted(4096, 4096, 2, static (x, y) => Math.Pow(x - 2000, 2) + Math.Pow(y - 2000, 2) < 500 * 500);
        var mask = TissueMask.Find(slide);
        Assert.Equal((2048, 2048, 2.0), (mask.Width, mask.Height, mask.DownsampleX));
        Assert.Equal(Math.PI * 500 * 500 / (4096.0 * 4096), mask.Share, 0.0005);
        Assert.Equal(1, mask.Covers(1800, 1800, 400, 400));
        Assert.Equal(0, mask.Covers(0, 0, 1000, 1000));
        Assert.Equal(0.5, mask.Covers(1500 - 100, 1990, 200, 20), 0.03);
    }

    [Fact]
    public void SpecksGo_SmallHolesAreFilled_LargeOnesStay()
    {
        using var slide = Painted(
            2000,
            2000,
            2,
            static (x, y) => (x is >= 200 and < 1000 && y is >= 200 and < 1000 && !(x is >= 300 and < 380 && y is >= 300 and < 380) && !(x is >= 600 and < 720 && y is >= 600 and < 720))
                || (x is >= 1500 and < 1580 && y is >= 1500 and < 1580));
        var mask = TissueMask.Find(slide);
        Assert.Equal(0, mask.Covers(1400, 1400, 300, 300));
        Assert.Equal(1, mask.Covers(310, 310, 60, 60));
        Assert.Equal(0, mask.Covers(620, 620, 80, 80));
        Assert.True(TissueMask.Find(slide, new TissueMaskOptions { SmallestObject = 100 }).Covers(1500, 1500, 80, 80) > 0.9);
        Assert.Equal(1, TissueMask.Find(slide, new TissueMaskOptions { LargestHole = 1000 }).Covers(600, 600, 120, 120));
        Assert.True(TissueMask.Find(slide, new TissueMaskOptions { Saturation = 100 }).IsEmpty);
    }

    [Fact]
    public void TissueAtTheSlidesBorder_Counts()
    {
        using var slide = Painted(1500, 1200, 2, static (x, y) => x < 150 || y < 150 || x >= 1350 || y >= 1050);
        var mask = TissueMask.Find(slide);
        foreach (var (x, y) in ((int, int)[])[(0, 0), (0, 600), (700, 0), (1400, 600), (700, 1100), (1400, 1100)])
        {
            Assert.Equal(1, mask.Covers(x, y, 100, 100));
        }

        Assert.Equal(0, mask.Covers(300, 300, 900, 600));
    }

    [Fact]
    public void BlackParts_AreNoTissue()
    {
        using var slide = new StubSource(1000, 1000) { Color = static (_, x, _) => x < 500 ? ((byte)3, (byte)0, (byte)2) : _pink, Size = (2, 2) }.Open();
        Assert.Equal(0.5, TissueMask.Find(slide).Share, 0.001);
    }

    [Fact]
    public void WithoutTheSizeOfPixels_TheOptionsAreNamed()
    {
        using var slide = new StubSource(100, 100) { Size = null }.Open();
        Assert.Contains("--slide-mpp", Assert.Throws<SlideException>(() => TissueMask.Find(slide)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 4, 2, 5.0 / 8)]
    [InlineData(1, 0, 2, 1, 0.5)]
    [InlineData(1.5, 0.25, 1, 1, 0.375)]
    [InlineData(0.5, 0, 1, 1, 0.5)]
    [InlineData(-2, -2, 4, 4, 2 / 16.0)]
    [InlineData(1, 1, 1, 1, 0)]
    [InlineData(3.9, 0, 9, 2, 0.2 / 18)]
    [InlineData(50, 50, 1, 1, 0)]
    public void Covers_IsTheExactShare(double x, double y, double width, double height, double expected)
    {
        var mask = new TissueMask([true, false, true, true, true, false, false, true], 4, 2, 1, 1);
        Assert.Equal(expected, mask.Covers(x, y, width, height), 9);
        Assert.Equal(5.0 / 8, mask.Share);
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".tif")]
    public void AnOwnMask_MayHoldSmallNumbers(string extension)
    {
        using var slide = new StubSource(1000, 800).Open();
        var path = _folder.File("mask" + extension);
        if (extension == ".png")
        {
            var pixels = new byte[100 * 80 * 3];
            pixels.AsSpan(0, pixels.Length / 2).Fill(1);
            Picture.Encode(new RgbImage(100, 80, pixels)).Save(path);
        }
        else
        {
            new TestTiff { Width = 100, Height = 80, Samples = 1, Photometric = BitMiracle.LibTiff.Classic.Photometric.MINISBLACK, Sample = static (_, y, _) => (byte)(y < 40 ? 1 : 0) }.Write(path);
        }

        var mask = TissueMask.FromImage(slide, path);
        Assert.Equal((100, 80, 10.0), (mask.Width, mask.Height, mask.DownsampleX));
        Assert.Equal(1, mask.Covers(0, 0, 1000, 400));
        Assert.Equal(0, mask.Covers(0, 400, 1000, 400));
    }

    [Fact]
    public void AMaskOfOtherProportions_OrABlackOne_IsRefused()
    {
        using var slide = new StubSource(1000, 800).Open();
        var path = _folder.File("mask.png");
        Picture.Encode(new RgbImage(100, 100, new byte[30_000])).Save(path);
        Assert.Contains("other proportions", Assert.Throws<SlideException>(() => TissueMask.FromImage(slide, path)).Message, StringComparison.Ordinal);
        Picture.Encode(new RgbImage(100, 80, new byte[24_000])).Save(path);
        Assert.Contains("black", Assert.Throws<SlideException>(() => TissueMask.FromImage(slide, path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("collection")]
    [InlineData("feature")]
    [InlineData("array")]
    [InlineData("geometry")]
    [InlineData("gzip")]
    [InlineData("zip")]
    public void RegionsOfQuPath_WithHoles_AreRead(string form)
    {
        const string Square = """{"type":"Polygon","coordinates":[[[100,100],[500,100],[500,500],[100,500],[100,100]],[[200,200],[300,200],[300,300],[200,300],[200,200]]]}""";
        const string Feature = $$$$"""{"type":"Feature","id":"3b1b","geometry":{{{{Square}}}},"properties":{"objectType":"annotation","classification":{"name":"Tumor","color":[200,0,0]}}}""";
        var text = form switch
        {
            "feature" => Feature,
            "array" => $"[{Feature}]",
            "geometry" => $$"""{"type":"GeometryCollection","geometries":[{{Square}},{"type":"MultiPolygon","coordinates":[[[[700,0],[710,0],[710,10]]]]}]}""",
            _ => $$$"""{"type":"FeatureCollection","features":[{{{Feature}}},{"type":"Feature","geometry":{"type":"Point","coordinates":[5,5]},"properties":{}}]}""",
        };
        var path = _folder.File("regions.geojson");
        using (var file = File.Create(path))
        {
            switch (form)
            {
                case "gzip":
                    using (var zip = new GZipStream(file, CompressionLevel.Fastest))
                    {
                        zip.Write(Encoding.UTF8.GetBytes(text));
                    }

                    break;
                case "zip":
                    using (var archive = new ZipArchive(file, ZipArchiveMode.Create))
                    using (var entry = archive.CreateEntry("slide.geojson").Open())
                    {
                        entry.Write(Encoding.UTF8.GetBytes(text));
                    }

                    break;
                default:
                    file.Write(Encoding.UTF8.GetBytes(text));
                    break;
            }
        }

        // Coordinates are inside the bounds already.
        using var slide = new StubSource(1000, 800) { Scanned = new SlideBounds(50, 50, 900, 700) }.Open();
        var mask = TissueMask.FromRegions(slide, path);
        Assert.Equal(1, mask.Covers(100, 100, 100, 400));
        Assert.Equal(0, mask.Covers(200, 200, 100, 100));
        Assert.Equal((400.0 * 400) - (100 * 100), mask.Covers(0, 0, 600, 600) * 600 * 600, 3);
    }

    [Fact]
    public void RegionsOfOtherClasses_DoNotCount()
    {
        static string Feature(int left, string? name) =>
            $$$"""{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[{{{left}}},0],[{{{left + 100}}},0],[{{{left + 100}}},100],[{{{left}}},100],[{{{left}}},0]]]},"properties":""" + (name is null ? "{}" : "{\"classification\":{\"name\":\"" + name + "\"}}") + "}";
        var path = _folder.File("regions.geojson");
        File.WriteAllText(path, $"[{Feature(0, "Tumor")},{Feature(200, "Ignore*")},{Feature(400, null)}]");
        using var slide = new StubSource(1000, 800).Open();
        var all = TissueMask.FromRegions(slide, path);
        Assert.Equal((1.0, 0.0, 1.0), (all.Covers(0, 0, 100, 100), all.Covers(200, 0, 100, 100), all.Covers(400, 0, 100, 100)));
        var tumor = TissueMask.FromRegions(slide, path, ["Tumor"]);
        Assert.Equal((1.0, 0.0, 0.0), (tumor.Covers(0, 0, 100, 100), tumor.Covers(200, 0, 100, 100), tumor.Covers(400, 0, 100, 100)));
        Assert.Contains("3 objects are of classes", Assert.Throws<SlideException>(() => TissueMask.FromRegions(slide, path, ["Stroma"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json", "no GeoJSON")]
    [InlineData("{}", "no GeoJSON")]
    [InlineData("""{"type":"Topology"}""", "'Topology'")]
    [InlineData("[]", "no areas")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""", "1 points and lines")]
    [InlineData("""{"type":"Polygon","coordinates":[[[5000,0],[6000,0],[6000,100]]]}""", "None of its 1 areas")]
    [InlineData("""{"type":"Polygon","coordinates":[[["a",0],[6000,0]]]}""", "no GeoJSON")]
    [InlineData("""{"type":"Polygon","coordinates":[[[1],[6000,0]]]}""", "[1] is no place")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,1e999],[6000,0]]]}""", "1e999] is no place")]
    [InlineData("""{"type":"Point","type":"Polygon","coordinates":[[[0,0],[100,0],[100,100]]]}""", "no GeoJSON")]
    public void RegionsThatAreNone_AreRefusedWithTheReason(string text, string expected)
    {
        var path = _folder.File("regions.geojson");
        File.WriteAllText(path, text);
        using var slide = new StubSource(1000, 800).Open();
        Assert.Contains(expected, Assert.Throws<SlideException>(() => TissueMask.FromRegions(slide, path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"%"}""")]
    [InlineData("""{"%":1,"%":2}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[["%"]]]}""")]
    public void RegionsWithLongTexts_AreRefusedInAShortMessage(string text)
    {
        var path = _folder.File("regions.geojson");
        File.WriteAllText(path, text.Replace("%", new string('x', 100_000), StringComparison.Ordinal));
        using var slide = new StubSource(1000, 800).Open();
        Assert.InRange(Assert.Throws<SlideException>(() => TissueMask.FromRegions(slide, path)).Message.Length, 1, 2000);
    }

    /// <summary>A packed file unpacks to no more than the limit.</summary>
    [Fact]
    public void LimitedStream_LongerThanItsLimit_Throws()
    {
        using var text = new MemoryStream(new byte[1000]);
        using var limited = new LimitedStream(text, 999);
        Assert.Throws<InvalidDataException>(() => limited.CopyTo(Stream.Null));
        text.Position = 0;
        using var whole = new LimitedStream(text, 1000);
        whole.CopyTo(Stream.Null);
    }

    [Fact]
    public void RegionsThatUnpackToMoreThanTheLimit_AreRefused()
    {
        var path = _folder.File("regions.geojson");
        using (var file = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            var spaces = new byte[1 << 20];
            spaces.AsSpan().Fill((byte)' ');
            for (var written = 0L; written <= 1L << 24; written += spaces.Length)
            {
                file.Write(spaces);
            }
        }

        Assert.Contains("more than 16777216 bytes of text", Assert.Throws<SlideException>(() => RegionFile.Read(path, null, 1L << 24)).Message, StringComparison.Ordinal);
    }

    /// <summary>Edges that cross all rows once took memory for each crossing: gigabytes for a file of some megabytes.</summary>
    [Fact]
    public void RegionOfManyLongEdges_TakesNoMemoryForEachRow()
    {
        var path = _folder.File("regions.geojson");
        var places = string.Join(',', Enumerable.Range(0, 4000).Select(i => $"[{i % 900},{(i % 2 == 0 ? 0 : 800)}]"));
        File.WriteAllText(path, $$"""{"type":"Polygon","coordinates":[[{{places}}]]}""");
        using var slide = new StubSource(1000, 800).Open();
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = TissueMask.FromRegions(slide, path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void ThePicture_ShowsALineAroundTheTissue()
    {
        using var slide = Painted(1000, 1000, 2, static (x, y) => x is >= 200 and < 600 && y is >= 200 and < 600);
        using var picture = TissueImage.FromBytes(TissueMask.Find(slide).Draw(slide, 500).Png.Span);
        var rgb = RgbImage.FromMLImage(picture).Pixels.ToArray();
        Assert.Equal(_glass, SlideTests.At(rgb, 500, 50, 50));
        Assert.Equal(_pink, SlideTests.At(rgb, 500, 200, 200));
        Assert.Equal((0, 170, 60), SlideTests.At(rgb, 500, 100, 200));
    }

    [SharedSlideFact]
    public void ARealSlide_IsTissueWhereItIsPink()
    {
        using var slide = Slide.Open(SharedSlideFactAttribute.Slide);
        var mask = TissueMask.Find(slide);
        Assert.InRange(mask.Share, 0.3, 0.98);
        if (Environment.GetEnvironmentVariable("MLPS_PICTURES") is { } folder)
        {
            mask.Draw(slide).Save(Path.Combine(folder, "tissue.png"));
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Slide Painted(int width, int height, double mpp, Func<int, int, bool> isTissue) =>
        new StubSource(width, height, tile: 256) { Color = (_, x, y) => isTissue(x, y) ? _pink : _glass, Size = (mpp, mpp) }.Open();
}
