using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Mlps.ML;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Reads the areas in a GeoJSON file as QuPath exports it.</summary>
internal sealed class RegionFile
{
    private const string Remedy = "Export the annotations from QuPath as GeoJSON (File, Export objects as GeoJSON).";

    /// <summary>QuPath leaves out objects of classes whose names end so.</summary>
    private const char IgnoredEnd = '*';

    /// <summary>Bytes of memory for each byte of text, at most: the document and its places.</summary>
    private const int BytesPerByte = 16;

    private const long LongestTextOfAll = 1L << 30;

    private readonly string _path;
    private readonly IReadOnlyCollection<string>? _classes;

    private RegionFile(string path, IReadOnlyCollection<string>? classes) => (_path, _classes) = (path, classes);

    /// <summary>The most bytes of text, unpacked, that are read: a packed file of some kilobytes can hold more than the memory there is.</summary>
    private static long LongestText { get; } = Math.Min(LongestTextOfAll, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / BytesPerByte);

    /// <summary>The polygons of the classes that count.</summary>
    public List<Region> Regions { get; } = [];

    /// <summary>How many objects were of other classes.</summary>
    public int OfOtherClasses { get; private set; }

    /// <summary>How many geometries were points or lines.</summary>
    public int WithoutArea { get; private set; }

    /// <exception cref="SlideException">The file cannot be read or is no GeoJSON.</exception>
    public static RegionFile Read(string path, IReadOnlyCollection<string>? classes) => Read(path, classes, LongestText);

    /// <param name="path">The file.</param>
    /// <param name="classes">The classes that count; null for all but those that QuPath ignores, whose names end in <c>*</c>.</param>
    /// <param name="longestText">The most bytes of text.</param>
    internal static RegionFile Read(string path, IReadOnlyCollection<string>? classes, long longestText)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = Path.GetFullPath(path);
        try
        {
            FileStatus.RequireNotSpecial(full);
            using var file = File.OpenRead(full);
            using var unpacked = Unpacked(file, full);
            using var text = new LimitedStream(unpacked, longestText);
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false });
            var regions = new RegionFile(full, classes);
            regions.Add(document.RootElement);
            return regions;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or TissueDataException)
        {
            throw new SlideException(full, $"The regions cannot be read: {ShortText.OfMessage(exception.Message)}", Remedy, exception);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new SlideException(full, $"The file is no GeoJSON: {ShortText.OfMessage(exception.Message)}", Remedy, exception);
        }
    }

    private static Stream Unpacked(FileStream file, string path)
    {
        Span<byte> start = stackalloc byte[4];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (read >= 2 && start[0] == 0x1F && start[1] == 0x8B)
        {
            return new GZipStream(file, CompressionMode.Decompress);
        }

        if (!start.StartsWith("PK"u8))
        {
            return file;
        }

        var archive = new ZipArchive(file, ZipArchiveMode.Read);
        var entry = archive.Entries.FirstOrDefault(entry => entry.Name.EndsWith("json", StringComparison.OrdinalIgnoreCase))
            ?? throw new SlideException(path, "The archive holds no .json or .geojson.", Remedy);
        return entry.Open();
    }

    private void Add(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Add(item);
            }

            return;
        }

        switch (element.GetProperty("type").GetString())
        {
            case "FeatureCollection":
                Add(element.GetProperty("features"));
                break;
            case "Feature":
                AddFeature(element);
                break;
            case "GeometryCollection":
                Add(element.GetProperty("geometries"));
                break;
            case "Polygon":
                AddPolygon(element.GetProperty("coordinates"));
                break;
            case "MultiPolygon":
                foreach (var polygon in element.GetProperty("coordinates").EnumerateArray())
                {
                    AddPolygon(polygon);
                }

                break;
            case "Point" or "MultiPoint" or "LineString" or "MultiLineString":
                WithoutArea++;
                break;
            case var other:
                throw new SlideException(_path, $"GeoJSON has nothing of the type '{ShortText.Of(other ?? "null")}'.", Remedy);
        }
    }

    private void AddFeature(JsonElement feature)
    {
        var name = ClassOf(feature);
        var counts = _classes is null ? name?.EndsWith(IgnoredEnd) is not true : name is not null && _classes.Contains(name);
        if (!counts)
        {
            OfOtherClasses++;
        }
        else if (feature.GetProperty("geometry") is { ValueKind: JsonValueKind.Object } geometry)
        {
            Add(geometry);
        }
    }

    /// <summary>The name of an object's class: text in old files, an object with a name in newer ones.</summary>
    private static string? ClassOf(JsonElement feature)
    {
        if (!feature.TryGetProperty("properties", out var properties) || properties.ValueKind is not JsonValueKind.Object || !properties.TryGetProperty("classification", out var classification))
        {
            return null;
        }

        return classification.ValueKind switch
        {
            JsonValueKind.String => classification.GetString(),
            JsonValueKind.Object when classification.TryGetProperty("name", out var name) => name.GetString(),
            JsonValueKind.Object when classification.TryGetProperty("names", out var names) && names.ValueKind is JsonValueKind.Array => string.Join(": ", names.EnumerateArray().Select(part => part.GetString())),
            _ => null,
        };
    }

    private void AddPolygon(JsonElement rings)
    {
        var polygon = new List<IReadOnlyList<(double X, double Y)>>();
        foreach (var ring in rings.EnumerateArray())
        {
            polygon.Add([.. ring.EnumerateArray().Select(Place)]);
        }

        if (polygon.Count > 0)
        {
            Regions.Add(new Region(polygon));
        }
    }

    private static (double X, double Y) Place(JsonElement place) =>
        place.GetArrayLength() >= 2 && place[0].GetDouble() is var x && place[1].GetDouble() is var y && double.IsFinite(x) && double.IsFinite(y) ? (x, y)
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{ShortText.Of(place.GetRawText())} is no place of two finite numbers."));
}
