using NetTopologySuite.Geometries;
using Xunit;

namespace Mlps.Slides.Tests;

/// <summary>Polygons are valid, do not overlap, and drawn again give exactly the mask.</summary>
public sealed class RegionTracerTests
{
    private const int Classes = 4;

    public static TheoryData<string, string[]> Drawings { get; } = new()
    {
        { "one pixel", ["0"] },
        { "full", ["000", "000"] },
        { "nothing", ["...", "..."] },
        { "checkerboard of one class", [".0.0.", "0.0.0", ".0.0."] },
        { "checkerboard of two classes", ["0101", "1010", "0101"] },
        { "checkerboard of classes, the lower one last", ["1010", "0101", "1010"] },
        { "four classes at a corner", ["01", "23"] },
        { "hole", ["000", "0.0", "000"] },
        { "hole that touches the outside by a corner", ["0000", "0.00", "00.0", "000."] },
        { "two holes that touch", ["00000", "0.000", "00.00", "00000"] },
        { "ring within ring", ["0000000", "0.....0", "0.000.0", "0.0.0.0", "0.000.0", "0.....0", "0000000"] },
        { "ring within ring of classes", ["0000000", "0111110", "0122210", "0123210", "0122210", "0111110", "0000000"] },
        { "strip one pixel wide", ["1111111", "0000000", "1111111"] },
        { "stairs one pixel wide", ["0.....", "00....", ".00...", "..00..", "...00.", "....00"] },
        { "comb", ["0.0.0.0", "0.0.0.0", "0000000"] },
        { "two that meet late", ["0.1.0", "0.1.0", "01110", "00000"] },
        { "spiral", ["0000000", "......0", "00000.0", "0...0.0", "0.0.0.0", "0.000.0", "0.....0", "0000000"] },
        { "three at a corner that touch by another corner", ["01", "20", "02"] },
    };

    [Theory]
    [MemberData(nameof(Drawings))]
    public void Drawings_come_back(string name, string[] rows)
    {
        Assert.NotEmpty(name);
        foreach (var tolerance in (double[])[0, 0.25, Outline.MaximumTolerance])
        {
            Check(ArrayMask.Parse(rows), tolerance);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.02)]
    [InlineData(0.3)]
    [InlineData(1.0)]
    public void Random_blobs_come_back(double noise)
    {
        for (var seed = 0; seed < 25; seed++)
        {
            Check(ArrayMask.Blobs(20 + (seed * 5), 130 - (seed * 3), seed, Classes, noise), seed % 5 == 0 ? 0 : Outline.MaximumTolerance);
        }
    }

    [Fact]
    public void Noise_of_one_class_comes_back()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            Check(ArrayMask.Create(80, 60, (_, _) => random.Next(2) == 0 ? MaskValue.NotLookedAt : (byte)0), Outline.MaximumTolerance);
        }
    }

    [Fact]
    public void All_small_masks_come_back()
    {
        // Every 3 x 3 mask of two classes and nothing.
        for (var code = 0; code < 19683; code++)
        {
            var rest = code;
            Check(ArrayMask.Create(3, 3, (_, _) =>
            {
                var digit = rest % 3;
                rest /= 3;
                return digit == 2 ? MaskValue.NotLookedAt : (byte)digit;
            }), Outline.MaximumTolerance);
        }
    }

    [Fact]
    public void A_slope_becomes_a_straight_line()
    {
        var mask = ArrayMask.Create(200, 200, (x, y) => (3 * x) + y < 300 ? (byte)0 : (byte)1);
        var polygons = Trace(mask, Outline.MaximumTolerance);
        Assert.Equal(2, polygons.Count);
        Assert.All(polygons, polygon => Assert.InRange(polygon.Polygon.NumPoints, 4, 8));
    }

    [Fact]
    public void A_region_has_its_pixels_and_mean_probability()
    {
        var mask = ArrayMask.Blobs(90, 70, seed: 8, Classes);
        var regions = new List<TracedRegion>();
        var tracer = new RegionTracer(90, 70, Classes, 0.4, regions.Add);
        MaskBands.ForEach(mask, 16, withProbability: true, (_, _, classes, probability) => tracer.Add(classes, probability), default);
        var areas = SlideAreas.Count(mask, TestSlide.Of(mask));
        for (var index = 0; index < Classes; index++)
        {
            var own = regions.Where(region => region.Value == index).ToArray();
            Assert.Equal(areas.Classes[index].Pixels, own.Sum(region => region.Pixels));
            Assert.Equal(areas.Classes[index].MeanProbability ?? 0, own.Sum(region => region.Probability * region.Pixels) / Math.Max(1, own.Sum(region => region.Pixels)), 9);
        }
    }

    [Fact]
    public void Neighbours_share_their_points_and_leave_no_gap()
    {
        var mask = ArrayMask.Create(100, 100, (x, y) => (byte)(((x + (int)(9 * Math.Sin(y / 7.0))) / 25) % 2));
        var polygons = Trace(mask, Outline.MaximumTolerance);
        Assert.Equal(100 * 100, polygons.Sum(polygon => polygon.Polygon.Area), 6);
    }

    private static void Check(ArrayMask mask, double tolerance)
    {
        var polygons = Trace(mask, tolerance);
        var painted = new byte[mask.Classes.Length];
        painted.AsSpan().Fill(MaskValue.NotLookedAt);
        foreach (var (polygon, value, pixels) in polygons)
        {
            Assert.True(polygon.IsValid, string.Join('\n', new NetTopologySuite.Operation.Valid.IsValidOp(polygon).ValidationError, polygon, Show(mask)));
            Assert.Equal(0, PolygonRaster.Fill(polygon, value, painted, mask.Width, mask.Height, MaskValue.NotLookedAt));
            Assert.True(pixels > 0);
        }

        Assert.True(painted.AsSpan().SequenceEqual(mask.Classes), Show(mask) + "\n\n" + Show(new ArrayMask(mask.Width, mask.Height, painted)));
        Assert.Equal(mask.Classes.Count(value => value < Classes), polygons.Sum(polygon => polygon.Pixels));
    }

    private static List<(Polygon Polygon, byte Value, long Pixels)> Trace(ArrayMask mask, double tolerance)
    {
        var polygons = new List<(Polygon, byte, long)>();
        var points = new List<GridPoint>();
        var tracer = new RegionTracer(mask.Width, mask.Height, Classes, tolerance, region =>
            polygons.Add((new Polygon(Ring(region.Rings[0]), [.. region.Rings.Skip(1).Select(Ring)]), region.Value, region.Pixels)));
        MaskBands.ForEach(mask, 7, withProbability: true, (_, _, classes, probability) => tracer.Add(classes, probability), default);
        return polygons;

        LinearRing Ring(TracedRing ring)
        {
            ring.CopyTo(points);
            return new LinearRing([.. points.Append(points[0]).Select(point => new Coordinate(point.X / 2.0, point.Y / 2.0))]);
        }
    }

    private static string Show(ArrayMask mask) =>
        string.Join('\n', mask.Classes.Chunk(mask.Width).Select(row => string.Concat(row.Select(value => value == MaskValue.NotLookedAt ? "." : value.ToString(System.Globalization.CultureInfo.InvariantCulture)))));
}
