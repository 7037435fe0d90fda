using System.Text;
using System.Text.Json;

namespace Mlps.ML;

/// <summary>Marks folders that results are written to, so that no later run takes its own results for images.</summary>
/// <remarks>The mark is the file <c>mlps-output.json</c>. Delete it to have the results read as images after all.</remarks>
public static class OutputMarker
{
    /// <summary>The name of the mark.</summary>
    public const string FileName = "mlps-output.json";

    private const string Everything = "*";
    private const string CommandKey = "writtenBy";
    private const string NamesKey = "entries";
    private const string WholeKey = "wholeFolder";

    /// <summary>A larger file of this name is not ours.</summary>
    private const int MaximumLength = 1 << 20;

    /// <summary>What results of <c>predict</c> without a mark look like.</summary>
    private static readonly string[] _predicted = ["areas.csv", "masks", "overlays"];
    private const string PredictedHeader = "image,width,height,";

    /// <summary>Marks a folder before results are written to it, and creates it if necessary.</summary>
    /// <remarks>A folder that is empty belongs to the results as a whole; in others only what is named does.</remarks>
    /// <param name="folder">The folder.</param>
    /// <param name="command">What writes there, for messages.</param>
    /// <param name="names">The names of the files and folders that it writes there; <c>*</c> for all that is there.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string folder, string command, params IEnumerable<string> names)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        ArgumentNullException.ThrowIfNull(names);
        Directory.CreateDirectory(folder);
        var earlier = Read(folder);
        string[] written = [.. names];
        var isWhole = written.Contains(Everything) || (earlier?.IsWhole ?? !Directory.EnumerateFileSystemEntries(folder).Any());
        string[] all = [.. written.Append(FileName).Concat(earlier is null ? [] : earlier.Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString(CommandKey, command);
            json.WriteBoolean(WholeKey, isWhole);
            json.WriteStartArray(NamesKey);
            foreach (var name in all)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        OutputFile.Write(Path.Combine(folder, FileName), buffer.ToArray());
    }

    /// <summary>What was written by an earlier run into a folder of these entries; null where nothing was.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="entries">The names in it.</param>
    /// <param name="isRoot">Whether the user named this folder. Then only what the mark names is left out, which may be everything.</param>
    internal static Listing? Written(string folder, IEnumerable<string> entries, bool isRoot)
    {
        var names = entries.ToHashSet(StringComparer.Ordinal);
        if (names.Contains(FileName) && Read(folder) is { } marked)
        {
            return marked with { IsWhole = marked.IsWhole && (!isRoot || marked.Names.Contains(Everything)) };
        }

        return _predicted.All(names.Contains) && IsPredicted(Path.Combine(folder, _predicted[0])) ? new Listing("predict", IsWhole: false, _predicted.ToHashSet(StringComparer.Ordinal)) : null;
    }

    /// <summary>The marked folder that a path lies in, as something that the mark names; null where there is none.</summary>
    internal static (string Folder, Listing Written)? Above(string path)
    {
        for (var (part, folder) = (path, Path.GetDirectoryName(path)); folder is not null; (part, folder) = (folder, Path.GetDirectoryName(folder)))
        {
            if (Read(folder) is { } marked && (marked.Names.Contains(Path.GetFileName(part)) || marked.Names.Contains(Everything)))
            {
                return (folder, marked);
            }
        }

        return null;
    }

    private static Listing? Read(string folder)
    {
        try
        {
            if (ReadStart(Path.Combine(folder, FileName), MaximumLength) is not { } bytes)
            {
                return null;
            }

            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            return new Listing(
                root.GetProperty(CommandKey).GetString() ?? string.Empty,
                root.GetProperty(WholeKey).GetBoolean(),
                root.GetProperty(NamesKey).EnumerateArray().Select(name => name.GetString() ?? string.Empty).ToHashSet(StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // A file of this name that is not ours.
            return null;
        }
    }

    private static bool IsPredicted(string areas) =>
        ReadStart(areas, PredictedHeader.Length) is { } start && start.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(PredictedHeader));

    /// <summary>The first bytes of a regular file; null where it cannot be read.</summary>
    private static byte[]? ReadStart(string path, int length)
    {
        try
        {
            if (FileStatus.Read(path).Kind is not FileKind.Regular)
            {
                return null;
            }

            using var file = File.OpenHandle(path);
            var bytes = new byte[Math.Min(length, RandomAccess.GetLength(file))];
            return bytes[..RandomAccess.Read(file, bytes, 0)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What a mark says.</summary>
    internal sealed record Listing(string Command, bool IsWhole, IReadOnlySet<string> Names);
}
