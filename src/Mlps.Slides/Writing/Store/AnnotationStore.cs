using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes a mask's regions as the SQLite file that TIAToolbox calls annotation store, version 1.0.1.</summary>
/// <remarks>Polygons are well-known binary, deflated. Coordinates count from the file's whole picture, as TIAToolbox reads slides.</remarks>
internal sealed class AnnotationStore : IDisposable
{
    private const byte LittleEndian = 1;
    private const int WkbPolygon = 3;
    private const int ProbabilityDecimals = 6;

    private const string Tables = """
        CREATE TABLE metadata (key TEXT UNIQUE, value TEXT);
        CREATE VIRTUAL TABLE rtree USING rtree_i32(id, min_x, max_x, min_y, max_y);
        CREATE TABLE annotations(
            id INTEGER PRIMARY KEY, key TEXT UNIQUE, objtype TEXT, cx INTEGER NOT NULL, cy INTEGER NOT NULL, geometry BLOB, properties TEXT, area INTEGER NOT NULL);
        INSERT INTO metadata VALUES ('version', '"1.0.1"'), ('compression', '"zlib"'), ('compression_level', '9');
        """;

    private readonly SqliteFile.Statement _annotation;
    private readonly SqliteFile.Statement _box;
    private readonly List<GridPoint> _points = [];
    private long _count;

    private AnnotationStore(SqliteFile file)
    {
        file.Execute(Tables);
        _annotation = file.Prepare("INSERT INTO annotations VALUES (?, ?, 'Polygon', ?, ?, ?, ?, ?)");
        _box = file.Prepare("INSERT INTO rtree VALUES (?, ?, ?, ?, ?)");
    }

    /// <summary>Writes the file; it is complete or absent.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="options">Which regions, and how exactly; the defaults if null.</param>
    /// <param name="cancellation">Stops the writing; an existing file is unchanged then.</param>
    /// <exception cref="DllNotFoundException">The machine has no SQLite.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static AnnotationCounts Write(string path, IMaskRows rows, SlideDescription slide, AnnotationOptions? options = null, CancellationToken cancellation = default)
    {
        using var file = new AtomicFile(path);
        AnnotationCounts counts;
        try
        {
            counts = WriteTo(file.TemporaryPath, rows, slide, (options ?? new AnnotationOptions()) with { NoCrop = true }, cancellation);
        }
        catch (IOException exception) when (file.Named(exception) is { } named)
        {
            throw named;
        }

        file.Commit();
        return counts;
    }

    private static AnnotationCounts WriteTo(string path, IMaskRows rows, SlideDescription slide, AnnotationOptions options, CancellationToken cancellation)
    {
        using var sqlite = new SqliteFile(path);
        AnnotationCounts counts;
        using (var store = new AnnotationStore(sqlite))
        {
            counts = SlideRegions.ForEach(rows, slide, options, store.Add, cancellation);
        }

        sqlite.Execute("COMMIT");
        return counts;
    }

    public void Dispose()
    {
        _annotation.Dispose();
        _box.Dispose();
    }

    private void Add(SlideRegions regions, TracedRegion region)
    {
        var shape = new Shape();
        using var geometry = new MemoryStream();
        using (var deflater = new ZLibStream(geometry, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            WriteGeometry(deflater, regions, region, shape);
        }

        _count++;
        var (x, y) = shape.Centroid;
        _annotation.Execute(_count, regions.Id(region).ToString(), (long)x, (long)y, geometry.ToArray(), Properties(regions, region), (long)shape.Area);
        _box.Execute(_count, (long)Math.Floor(shape.Left), (long)Math.Ceiling(shape.Right), (long)Math.Floor(shape.Top), (long)Math.Ceiling(shape.Bottom));
    }

    private void WriteGeometry(Stream target, SlideRegions regions, TracedRegion region, Shape shape)
    {
        Span<byte> number = stackalloc byte[sizeof(double)];
        target.WriteByte(LittleEndian);
        WriteCount(target, WkbPolygon, number);
        WriteCount(target, region.Rings.Count, number);
        foreach (var ring in region.Rings)
        {
            ring.CopyTo(_points);
            WriteCount(target, _points.Count + 1, number);
            var before = regions.Place(_points[0]);
            foreach (var point in _points.Append(_points[0]))
            {
                var at = regions.Place(point);
                BinaryPrimitives.WriteDoubleLittleEndian(number, at.X);
                target.Write(number);
                BinaryPrimitives.WriteDoubleLittleEndian(number, at.Y);
                target.Write(number);
                shape.Add(before, at);
                before = at;
            }
        }
    }

    private static void WriteCount(Stream target, int value, Span<byte> number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(number, value);
        target.Write(number[..sizeof(int)]);
    }

    private static string Properties(SlideRegions regions, TracedRegion region)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", regions.ClassOf(region).Name);
            json.WriteNumber("area_mm2", regions.Area(region));
            json.WriteNumber("mean_probability", Math.Round(region.Probability, ProbabilityDecimals));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Box, area and centroid of a polygon, summed over its edges; holes turn the other way and count negative.</summary>
    private sealed class Shape
    {
        private double _twiceArea;
        private double _momentX;
        private double _momentY;

        public double Left { get; private set; } = double.PositiveInfinity;

        public double Top { get; private set; } = double.PositiveInfinity;

        public double Right { get; private set; } = double.NegativeInfinity;

        public double Bottom { get; private set; } = double.NegativeInfinity;

        public double Area => _twiceArea / 2;

        public (double X, double Y) Centroid => (_momentX / (3 * _twiceArea), _momentY / (3 * _twiceArea));

        public void Add((double X, double Y) from, (double X, double Y) to)
        {
            var cross = (from.X * to.Y) - (to.X * from.Y);
            _twiceArea += cross;
            _momentX += (from.X + to.X) * cross;
            _momentY += (from.Y + to.Y) * cross;
            (Left, Right) = (Math.Min(Left, to.X), Math.Max(Right, to.X));
            (Top, Bottom) = (Math.Min(Top, to.Y), Math.Max(Bottom, to.Y));
        }
    }
}
