using System.Text.Json;
using Mlps.Cli.Terminal;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary><c>left-out.json</c>: every file and folder that was left out, and why, beside the results.</summary>
internal static class LeftOutReport
{
    public const string FileName = "left-out.json";

    /// <summary>Writes the report; an empty list says that nothing was left out.</summary>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="source">The folder that was read.</param>
    /// <param name="images">How many images were found in it.</param>
    /// <param name="leftOut">The rest.</param>
    public static void Write(string folder, string source, int images, IEnumerable<LeftOutFile> leftOut)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("folder", source);
            json.WriteNumber("images", images);
            json.WriteStartArray("leftOut");
            foreach (var file in leftOut)
            {
                json.WriteStartObject();
                json.WriteString("path", Path.GetRelativePath(source, file.Path));
                json.WriteString("reason", JsonNamingPolicy.CamelCase.ConvertName(file.Reason.ToString()));
                if (file.Explanation.Length > 0)
                {
                    json.WriteString("explanation", file.Explanation);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        Directory.CreateDirectory(folder);
        AtomicOutput.Write(Path.Combine(folder, FileName), buffer.ToArray());
    }

    /// <summary>What was left out of a dataset's splits, images and masks without a partner among it.</summary>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="splits">Its splits that were read.</param>
    /// <param name="damaged">Patches of them that were left out because they cannot be read.</param>
    public static void Write(string folder, TissueDataset dataset, IEnumerable<DatasetSplit> splits, params IEnumerable<DamagedPatch> damaged)
    {
        DatasetReport[] reports = [.. splits.Select(split => dataset.Report(split))];
        Write(folder, dataset.Folder, reports.Sum(report => report.PatchCount), [.. damaged.Select(Damaged), .. reports.SelectMany(Everything)]);
    }

    /// <summary>Says how many files could not be read, and whether there are any.</summary>
    public static bool SayFaults(IEnumerable<LeftOutFile> leftOut)
    {
        var faults = leftOut.Count(file => file.IsFault);
        if (faults > 0)
        {
            Say.Warning($"{faults} {(faults == 1 ? "file or folder" : "files or folders")} could not be read and {(faults == 1 ? "is" : "are")} missing from the results: see {FileName}");
        }

        return faults > 0;
    }

    /// <summary>Possible images that could not be read, each with the reason, for <c>failed.csv</c>; folders' names end with <c>/</c>.</summary>
    public static IReadOnlyList<(ImageItem Image, string Reason)> Faults(ImageFolder found) =>
        [.. found.LeftOut.Where(file => file.IsFault).Select(file => (new ImageItem(NameOf(found.Folder, file.Path), file.Path), Reason(file)))];

    private static string NameOf(string folder, string path)
    {
        var name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
        return name.EndsWith('/') ? name : name[..^Path.GetExtension(name).Length];
    }

    private static string Reason(LeftOutFile file)
    {
        var reason = file.Reason switch
        {
            LeftOutReason.BrokenLink => "The link leads nowhere",
            LeftOutReason.UnreadableName => "It cannot be opened",
            _ => Path.EndsInDirectorySeparator(file.Path) ? "The folder may not be read" : "The file may not be read",
        };
        return file.Explanation.Length == 0 ? reason + "." : $"{reason}: {file.Explanation.TrimEnd('.')}.";
    }

    private static LeftOutFile Damaged(DamagedPatch damaged) => new(damaged.Patch.ImagePath, LeftOutReason.Damaged, damaged.Reason);

    private static IEnumerable<LeftOutFile> Everything(DatasetReport report) =>
    [
        .. report.ImagesWithoutMask.Select(path => new LeftOutFile(path, LeftOutReason.Unpaired, "no mask of its name")),
        .. report.MasksWithoutImage.Select(path => new LeftOutFile(path, LeftOutReason.Unpaired, "no image of its name")),
        .. report.LeftOut,
    ];
}
