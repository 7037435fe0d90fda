using System.Text.Json;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>What <c>slide.json</c> says: how a slide's files were made, or why there are none. It is written last, so that a folder with a whole one is finished.</summary>
/// <remarks>But for <see cref="Timings"/>, equal runs give equal bytes.</remarks>
internal sealed record SlideRecord
{
    /// <summary>The file's name in the slide's folder.</summary>
    public const string FileName = "slide.json";

    /// <summary>The only version of the file's form so far.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of the file's form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The slide's name.</summary>
    public required string Name { get; init; }

    /// <summary>The slide's file.</summary>
    public required string File { get; init; }

    /// <summary>What became of it.</summary>
    public required SlideState State { get; init; }

    /// <summary>Why it was skipped, or what went wrong.</summary>
    public string? Reason { get; init; }

    /// <summary>Width in pixels of full resolution, within the bounds; 0 where it could not be read.</summary>
    public long Width { get; init; }

    /// <summary>Height, likewise.</summary>
    public long Height { get; init; }

    /// <summary>Size of a pixel of full resolution in µm.</summary>
    public double? MicronsPerPixel { get; init; }

    /// <summary>Size of a pixel of the mask in µm.</summary>
    public double? MaskMicronsPerPixel { get; init; }

    /// <summary>Left edge of the bounds in the file's picture.</summary>
    public long BoundsX { get; init; }

    /// <summary>Top edge of the bounds.</summary>
    public long BoundsY { get; init; }

    /// <summary>SHA-256 of the model's file, in lower-case hexadecimal digits.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>All settings that the files depend on, by their names.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Versions of the program and of what it runs on.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Areas of the classes.</summary>
    public IReadOnlyList<ClassArea> Areas { get; init; } = [];

    /// <summary>Polygons; null where none were requested.</summary>
    public AnnotationCounts? Annotations { get; init; }

    /// <summary>Files that belong to the result, by their lengths in bytes.</summary>
    public IReadOnlyDictionary<string, long> Files { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Seconds that each step took.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Reads a record.</summary>
    /// <returns>Null where there is none, or no whole one of this form.</returns>
    public static SlideRecord? Read(string path)
    {
        try
        {
            using var file = System.IO.File.OpenRead(path);
            var record = JsonSerializer.Deserialize(file, SlideJson.Default.SlideRecord);
            return record is { Format: CurrentFormat } ? record : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the record; the file is complete or absent.</summary>
    public void Write(string path) => AtomicFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(Sorted(), SlideJson.Default.SlideRecord), (byte)'\n'], toDisk: true);

    /// <summary>Whether this slide is finished, by this model with these settings, and all its files are still there.</summary>
    /// <param name="modelSha256">Digest of the model's file.</param>
    /// <param name="settings">The settings of the run.</param>
    /// <param name="folder">The slide's folder.</param>
    public bool IsFinished(string modelSha256, IReadOnlyDictionary<string, string> settings, string folder) =>
        ModelSha256 == modelSha256
        && Settings.Count == settings.Count
        && settings.All(setting => Settings.TryGetValue(setting.Key, out var value) && value == setting.Value)
        && IsWhole(folder);

    /// <summary>Whether this slide is finished, by whatever model and settings, and all its files are still there.</summary>
    /// <param name="folder">The slide's folder.</param>
    public bool IsWhole(string folder) => State == SlideState.Finished && !MissingFiles(folder).Any();

    /// <summary>Names of the files that are not there in full length.</summary>
    /// <param name="folder">The slide's folder.</param>
    public IEnumerable<string> MissingFiles(string folder) =>
        Files.Where(file => new FileInfo(Path.Combine(folder, file.Key)) is not { Exists: true } info || info.Length != file.Value).Select(file => file.Key);

    /// <summary>The lengths of files in a folder, for <see cref="Files"/>.</summary>
    public static IReadOnlyDictionary<string, long> Lengths(string folder, IEnumerable<string> names) =>
        new SortedDictionary<string, long>(names.ToDictionary(name => name, name => new FileInfo(Path.Combine(folder, name)).Length, StringComparer.Ordinal), StringComparer.Ordinal);

    private SlideRecord Sorted() => this with { Settings = Sorted(Settings), Versions = Sorted(Versions), Files = Sorted(Files), Timings = Sorted(Timings) };

    private static SortedDictionary<string, T> Sorted<T>(IReadOnlyDictionary<string, T> values) => new(values.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
}
