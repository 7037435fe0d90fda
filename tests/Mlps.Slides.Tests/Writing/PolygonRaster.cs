using NetTopologySuite.Geometries;

namespace Mlps.Slides.Tests;

/// <summary>Draws polygons: a pixel is inside where its middle is.</summary>
internal static class PolygonRaster
{
    /// <summary>Paints a value into all pixels inside, and gives how many were already painted.</summary>
    public static int Fill(Polygon polygon, byte value, byte[] pixels, int width, int height, byte unpainted)
    {
        var envelope = polygon.EnvelopeInternal;
        var crossings = new List<double>[height];
        foreach (var ring in (LineString[])[polygon.ExteriorRing, .. polygon.InteriorRings])
        {
            var points = ring.Coordinates;
            for (var i = 0; i + 1 < points.Length; i++)
            {
                var (a, b) = points[i].Y < points[i + 1].Y ? (points[i], points[i + 1]) : (points[i + 1], points[i]);
                for (var y = Math.Max(0, (int)Math.Ceiling(a.Y - 0.5)); y < Math.Min(height, Math.Ceiling(b.Y - 0.5)); y++)
                {
                    (crossings[y] ??= []).Add(a.X + ((y + 0.5 - a.Y) * (b.X - a.X) / (b.Y - a.Y)));
                }
            }
        }

        var painted = 0;
        for (var y = Math.Max(0, (int)envelope.MinY); y < Math.Min(height, envelope.MaxY + 1); y++)
        {
            if (crossings[y] is not { } row)
            {
                continue;
            }

            row.Sort();
            for (var i = 0; i + 1 < row.Count; i += 2)
            {
                for (var x = Math.Max(0, (int)Math.Ceiling(row[i] - 0.5)); x < Math.Min(width, Math.Ceiling(row[i + 1] - 0.5)); x++)
                {
                    painted += pixels[(y * width) + x] == unpainted ? 0 : 1;
                    pixels[(y * width) + x] = value;
                }
            }
        }

        return painted;
    }
}
