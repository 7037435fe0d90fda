using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes a mask's regions as the annotations that QuPath imports: <c>annotations.geojson</c>, and the same gzipped.</summary>
/// <remarks>One feature for each connected region: a polygon with its holes, class and colour, area in mm² and mean probability. Equal masks give equal bytes.</remarks>
internal sealed class GeoJsonAnnotations : IDisposable
{
    /// <summary>What the gzipped file has after the name of the other one.</summary>
    public const string GzipExtension = ".gz";

    /// <summary>The measurement of the area.</summary>
    public const string AreaKey = "Area mm^2";

    /// <summary>The measurement of the probability.</summary>
    public const string ProbabilityKey = "Mean probability";

    private const int FlushAt = 1 << 16;
    private const int ProbabilityDecimals = 6;

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushAt);
    private readonly Utf8JsonWriter _json;
    private readonly List<GridPoint> _points = [];
    private readonly Stream[] _files;

    private GeoJsonAnnotations(params Stream[] files)
    {
        _files = files;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <summary>Writes the files; each is complete or absent.</summary>
    /// <param name="path">The GeoJSON file to create or replace; <c>.gz</c> is added for the other one.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="options">Which regions, and how exactly; the defaults if null.</param>
    /// <param name="cancellation">Stops the writing; existing files are unchanged then.</param>
    public static AnnotationCounts Write(string path, IMaskRows rows, SlideDescription slide, AnnotationOptions? options = null, CancellationToken cancellation = default)
    {
        AnnotationCounts? counts = null;
        AtomicFile.Write(path, plain => AtomicFile.Write(path + GzipExtension, zipped =>
        {
            using var zippedStream = new GZipStream(zipped, CompressionLevel.Optimal);
            using var writer = new GeoJsonAnnotations(plain, zippedStream);
            writer.Begin();
            counts = SlideRegions.ForEach(rows, slide, options ?? new AnnotationOptions(), writer.Add, cancellation);
            writer.End();
        }));
        return counts!;
    }

    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        _json.WriteStartObject();
        _json.WriteString("type"u8, "FeatureCollection"u8);
        _json.WriteStartArray("features"u8);
    }

    private void End()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        Write();
    }

    private void Add(SlideRegions regions, TracedRegion region)
    {
        var tissue = regions.ClassOf(region);
        _json.WriteStartObject();
        _json.WriteString("type"u8, "Feature"u8);
        _json.WriteString("id"u8, regions.Id(region));
        _json.WriteStartObject("geometry"u8);
        _json.WriteString("type"u8, "Polygon"u8);
        _json.WriteStartArray("coordinates"u8);
        foreach (var ring in region.Rings)
        {
            AddRing(regions, ring);
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.WriteStartObject("properties"u8);
        _json.WriteString("objectType"u8, "annotation"u8);
        AddClass(tissue);
        _json.WriteStartObject("measurements"u8);
        _json.WriteNumber(AreaKey, regions.Area(region));
        _json.WriteNumber(ProbabilityKey, Math.Round(region.Probability, ProbabilityDecimals));
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndObject();
        WriteIfLong();
    }

    private void AddRing(SlideRegions regions, TracedRing ring)
    {
        ring.CopyTo(_points);
        _json.WriteStartArray();
        for (var i = 0; i <= _points.Count; i++)
        {
            // The last point is the first again.
            var (x, y) = regions.Place(_points[i % _points.Count]);
            _json.WriteStartArray();
            _json.WriteNumberValue(x);
            _json.WriteNumberValue(y);
            _json.WriteEndArray();
            WriteIfLong();
        }

        _json.WriteEndArray();
    }

    private void AddClass(TissueClass tissue)
    {
        _json.WriteStartObject("classification"u8);
        _json.WriteString("name"u8, tissue.Name);
        _json.WriteStartArray("color"u8);
        _json.WriteNumberValue(tissue.Color.Red);
        _json.WriteNumberValue(tissue.Color.Green);
        _json.WriteNumberValue(tissue.Color.Blue);
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void WriteIfLong()
    {
        if (_json.BytesPending + _buffer.WrittenCount >= FlushAt)
        {
            _json.Flush();
            Write();
        }
    }

    private void Write()
    {
        foreach (var file in _files)
        {
            file.Write(_buffer.WrittenSpan);
        }

        _buffer.ResetWrittenCount();
    }
}
