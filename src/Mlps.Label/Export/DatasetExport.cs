using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlps.ML;
using Mlps.ML.Png;
using Mlps.Slides;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>Writes labelled patches as a dataset: labels in file names, <c>dataset.json</c>, and a table.</summary>
internal static class DatasetExport
{
    /// <summary>The table of all answered patches.</summary>
    public const string TableName = "labels.csv";

    /// <summary>The list of files, by which the next export to the same folder knows what is its own.</summary>
    public const string ListName = "label-export.json";

    private const string ManifestName = "dataset.json";
    private const string FilesKey = "files";

    private static readonly JsonWriterOptions _readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the dataset; what an earlier export wrote there is replaced, and other files stay.</summary>
    /// <param name="patches">The patches.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="folder">The folder of the dataset, outside of the patches: new, empty, or one of an earlier export.</param>
    /// <param name="options">What goes where.</param>
    /// <param name="stop">Stops between two files; the next export goes over the rest.</param>
    /// <exception cref="TissueDataException">There is no label, the folder holds something else or lies among the patches, or a file cannot be read or written.</exception>
    public static ExportResult Write(PatchList patches, LabelFolder labels, string folder, ExportOptions options, CancellationToken stop)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        ExportFolder.RequireApart(patches.Folder, full);
        var plan = ExportPlan.Make(patches, labels, options);
        try
        {
            RemoveEarlier(full);
            Directory.CreateDirectory(full);
            ExportedPatch[] written = [.. plan.Patches.Where(patch => patch.Part is not null)];
            WriteList(full, written);
            var linked = 0;
            foreach (var patch in written)
            {
                stop.ThrowIfCancellationRequested();
                linked += WriteImage(patch, Path.Combine(full, patch.Target), options.Copies) ? 1 : 0;
                WriteMask(patch, full, labels.Classes);
            }

            AtomicFile.Write(Path.Combine(full, TableName), Encoding.UTF8.GetBytes(Table(plan, labels.Classes)), toDisk: true);
            AtomicFile.Write(Path.Combine(full, ManifestName), Manifest(full, patches, written, labels.Classes, options.SourcePattern), toDisk: true);
            return new ExportResult(
                written.Count(patch => patch.Part == ExportPlan.Train), written.Count(patch => patch.Part == ExportPlan.HeldOut), written.Count(patch => patch.Part == ExportPlan.Masked), plan.HeldOutSlides, plan.Patches.Count - written.Length, linked, plan.Warnings);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TissueDataException(full, $"The dataset cannot be written: {exception.Message}", "Check that there is room and that the folder may be written, or give another with --export.", exception);
        }
    }

    /// <summary>Writes a patch; true where it is a link.</summary>
    private static bool WriteImage(ExportedPatch patch, string target, bool copies)
    {
        FileStatus.RequireNotSpecial(patch.Patch.Path);
        Prepare(target);
        if (!Path.GetExtension(patch.Patch.Path).Equals(".png", StringComparison.OrdinalIgnoreCase))
        {
            // Datasets are of PNG.
            using var image = ImageFile.Read(patch.Patch.Path);
            var rgb = RgbImage.FromMLImage(image);
            AtomicFile.Write(target, PngEncoder.Encode(rgb.Pixels.Span, rgb.Width, rgb.Height, PngColorType.Truecolour, [], CompressionLevel.Optimal));
            return false;
        }

        if (!copies && HardLink.TryCreate(patch.Patch.Path, target))
        {
            return true;
        }

        File.Copy(patch.Patch.Path, target);
        return false;
    }

    private static void WriteMask(ExportedPatch patch, string folder, TissueClasses classes)
    {
        if (patch is { Mask: { } mask, MaskTarget: { } name })
        {
            var target = Path.Combine(folder, name);
            Prepare(target);
            PalettePng.Write(target, mask.Indices, mask.Width, mask.Height, classes.Palette);
        }
    }

    private static void Prepare(string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (File.Exists(target))
        {
            throw new TissueDataException(target, "The file is not of an earlier export, and would be replaced.", "Move it away, or give a new folder with --export.");
        }
    }

    /// <summary>Removes the patches of an earlier export.</summary>
    /// <exception cref="TissueDataException">The folder holds something else.</exception>
    private static void RemoveEarlier(string folder)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            return;
        }

        var path = Path.Combine(folder, ListName);
        if (!File.Exists(path))
        {
            throw new TissueDataException(folder, $"The folder is not empty and has no {ListName}, so it is not known what may be replaced.", "Give a new folder with --export.");
        }

        try
        {
            FileStatus.RequireNotSpecial(path);
            var files = JsonNode.Parse(File.ReadAllText(path))![FilesKey]!.AsArray().Select(file => file!.GetValue<string>()).ToArray();
            foreach (var file in files)
            {
                // Only what this program writes: the list may have been changed.
                var parts = file.Split('/');
                if (!(parts is [ExportPlan.Train or ExportPlan.HeldOut, ..] or [ExportPlan.Masked, ExportPlan.ImagePart or ExportPlan.MaskPart, ..]) || parts.Any(part => part is "" or "." or ".." || part.Contains('\\', StringComparison.Ordinal)))
                {
                    throw new TissueDataException(path, $"'{ShortText.Of(file)}' is no patch of an export.", "Give a new folder with --export.");
                }
            }

            // A dataset that is not whole has neither.
            File.Delete(Path.Combine(folder, ManifestName));
            File.Delete(Path.Combine(folder, TableName));
            foreach (var file in files)
            {
                // An export that was stopped had not written all of them.
                if (Path.Combine([folder, .. file.Split('/')]) is var written && File.Exists(written))
                {
                    File.Delete(written);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new TissueDataException(path, "The file is no list of an export.", "Give a new folder with --export.", exception);
        }
    }

    private static void WriteList(string folder, ExportedPatch[] written)
    {
        var list = new JsonObject { [FilesKey] = new JsonArray([.. written.SelectMany(patch => patch.Targets).Select(target => JsonValue.Create(target))]) };
        AtomicFile.Write(Path.Combine(folder, ListName), Readable(list));
    }

    private static byte[] Manifest(string folder, PatchList patches, ExportedPatch[] written, TissueClasses classes, string? sourcePattern)
    {
        var manifest = JsonNode.Parse(TissueClassesJson.Write(classes, Path.GetFileName(folder)))!.AsObject();
        if (sourcePattern is not null)
        {
            manifest["sourcePattern"] = sourcePattern;
        }

        // Of a patch without a place the size is not known.
        var places = PatchPlace.ReadAll(patches.Folder);
        var sizes = written.Select(patch => places.GetValueOrDefault(patch.Patch.Key)?.MicronsPerPixel).Distinct().ToArray();
        if (sizes is [{ } microns])
        {
            manifest["micronsPerPixel"] = microns;
        }

        return Readable(manifest);
    }

    private static byte[] Readable(JsonObject node)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _readable))
        {
            node.WriteTo(json);
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static string Table(ExportPlan plan, TissueClasses classes)
    {
        var table = new StringBuilder(Csv.Line(["file", "slide", .. classes.Names, "people", "part", "reason"]));
        foreach (var patch in plan.Patches)
        {
            table.Append(Csv.Line(
            [
                patch.Patch.Key,
                patch.Patch.Slide,
                .. Enumerable.Range(0, classes.Count).Select(tissue => patch.Consensus.Tissues is { } tissues ? ((tissues >> tissue) & 1) == 1 ? "1" : "0" : string.Empty),
                patch.Consensus.People.ToString(System.Globalization.CultureInfo.InvariantCulture),
                patch.Part ?? string.Empty,
                patch.Reason,
            ]));
        }

        return table.ToString();
    }
}
