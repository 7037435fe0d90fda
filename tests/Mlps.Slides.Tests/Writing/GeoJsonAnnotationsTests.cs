using System.IO.Compression;
using System.Text.Json;
using Mlps.ML;
using Mlps.Testing;
using NetTopologySuite.Geometries;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class GeoJsonAnnotationsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(1.9876)]
    [InlineData(4.0404)]
    public void Drawn_again_the_polygons_are_the_mask(double scale)
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(301, 207, seed: 17, classes: 5, noise: 0.01);
        var features = Write(folder, mask, TestSlide.Of(mask, scale), new() { MinimumArea = 0, IncludeBackground = true });
        var painted = new byte[mask.Classes.Length];
        painted.AsSpan().Fill(MaskValue.NotLookedAt);
        foreach (var feature in features)
        {
            var polygon = PolygonOf(feature, 1 / scale);
            Assert.True(polygon.IsValid);
            var name = feature.GetProperty("properties").GetProperty("classification").GetProperty("name").GetString()!;
            PolygonRaster.Fill(polygon, (byte)(name == "background" ? 4 : TissueClasses.LuadHistoSeg.Names.ToList().IndexOf(name)), painted, mask.Width, mask.Height, MaskValue.NotLookedAt);
        }

        Assert.Equal(mask.Classes, painted);
    }

    [Fact]
    public void A_feature_has_what_qupath_needs()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("0000", "0..0", "0000");
        var feature = Assert.Single(Write(folder, mask, TestSlide.Of(mask), new() { MinimumArea = 0 }));
        Assert.True(Guid.TryParse(feature.GetProperty("id").GetString(), out _));
        Assert.Equal("Feature", feature.GetProperty("type").GetString());
        var properties = feature.GetProperty("properties");
        Assert.Equal("annotation", properties.GetProperty("objectType").GetString());
        Assert.Equal("""{"name":"tumor epithelium","color":[205,51,51]}""", properties.GetProperty("classification").GetRawText());
        Assert.Equal(10 * 0.25e-6, properties.GetProperty("measurements").GetProperty("Area mm^2").GetDouble(), 12);
        Assert.Equal(1, properties.GetProperty("measurements").GetProperty("Mean probability").GetDouble());
        var rings = feature.GetProperty("geometry").GetProperty("coordinates").EnumerateArray().ToArray();
        Assert.Equal(2, rings.Length);
        Assert.All(rings, ring => Assert.Equal(ring[0].GetRawText(), ring[ring.GetArrayLength() - 1].GetRawText()));

        // The slide's corners stay.
        Assert.Equal(new Envelope(0, 8, 0, 6), PolygonOf(feature, 1).EnvelopeInternal);
        Assert.Equal(5, rings[0].GetArrayLength());
    }

    [Fact]
    public void Coordinates_count_from_the_bounds_or_from_the_whole_picture()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("00", "00");
        var slide = TestSlide.Of(mask, boundsX: 1000, boundsY: 500);
        Assert.Equal(new Envelope(0, 4, 0, 4), PolygonOf(Assert.Single(Write(folder, mask, slide, new() { MinimumArea = 0 })), 1).EnvelopeInternal);
        Assert.Equal(new Envelope(1000, 1004, 500, 504), PolygonOf(Assert.Single(Write(folder, mask, slide, new() { MinimumArea = 0, NoCrop = true })), 1).EnvelopeInternal);
    }

    [Fact]
    public void Small_regions_are_left_out_and_counted()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("000000", "010002", "000022");
        var counts = GeoJsonAnnotations.Write(folder.File("a.geojson"), mask, TestSlide.Of(mask), new() { MinimumArea = 0.5 });
        Assert.Equal(new AnnotationCounts(2, 1, 1), counts);
    }

    [Fact]
    public void Runs_give_equal_bytes_and_unique_ids()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(200, 200, seed: 2, classes: 4, noise: 0.1);
        var features = Write(folder, mask, TestSlide.Of(mask), new() { MinimumArea = 0 });
        Assert.Equal(features.Length, features.Select(feature => feature.GetProperty("id").GetString()).Distinct().Count());
        GeoJsonAnnotations.Write(folder.File("b.geojson"), mask, TestSlide.Of(mask), new() { MinimumArea = 0 });
        Assert.Equal(File.ReadAllBytes(folder.File("annotations.geojson")), File.ReadAllBytes(folder.File("b.geojson")));
        Assert.Equal(File.ReadAllBytes(folder.File("annotations.geojson.gz")), File.ReadAllBytes(folder.File("b.geojson.gz")));
        using var unzipped = new MemoryStream();
        using (var zipped = new GZipStream(File.OpenRead(folder.File("b.geojson.gz")), CompressionMode.Decompress))
        {
            zipped.CopyTo(unzipped);
        }

        Assert.Equal(File.ReadAllBytes(folder.File("b.geojson")), unzipped.ToArray());
    }

    [Fact]
    public void A_slide_without_tissue_has_no_features()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("..", "..");
        Assert.Empty(Write(folder, mask, TestSlide.Of(mask), new()));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    public void A_tolerance_out_of_range_is_refused(double tolerance)
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("0");
        Assert.Throws<ArgumentOutOfRangeException>(() => Write(folder, mask, TestSlide.Of(mask), new() { Tolerance = tolerance }));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static JsonElement[] Write(TemporaryFolder folder, ArrayMask mask, SlideDescription slide, AnnotationOptions options)
    {
        GeoJsonAnnotations.Write(folder.File("annotations.geojson"), mask, slide, options);
        var document = JsonDocument.Parse(File.ReadAllBytes(folder.File("annotations.geojson")));
        Assert.Equal("FeatureCollection", document.RootElement.GetProperty("type").GetString());
        return [.. document.RootElement.GetProperty("features").EnumerateArray()];
    }

    private static Polygon PolygonOf(JsonElement feature, double scale)
    {
        LinearRing[] rings = [.. feature.GetProperty("geometry").GetProperty("coordinates").EnumerateArray().Select(ring => new LinearRing([.. ring.EnumerateArray().Select(point => new Coordinate(point[0].GetDouble() * scale, point[1].GetDouble() * scale))]))];
        return new Polygon(rings[0], rings[1..]);
    }
}
