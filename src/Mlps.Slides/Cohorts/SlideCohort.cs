using System.Text;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Slides whose results lie in one folder, made by one run or by many on several machines.</summary>
public sealed class SlideCohort
{
    /// <summary>The list of all slides that are to be there.</summary>
    public const string ListFile = "slides.json";

    /// <summary>The table of all slides, one row each.</summary>
    public const string TableFile = "cohort.csv";

    /// <summary>Settings that decide masks and areas, and are not a slide's own.</summary>
    private static readonly string[] _deciding = ["modelMicronsPerPixel", "tileSize", "segmentation", "tissue", "smallestPolygon", "noCrop"];

    private SlideCohort(string folder, IReadOnlyList<CohortSlide> slides, IReadOnlyList<SlideRecord> records)
    {
        (Folder, Slides, Records) = (folder, slides, records);
        Classes = [.. slides.SelectMany(slide => slide.Areas).Select(area => area.Name).Distinct(StringComparer.Ordinal)];
        DifferingSettings = [.. _deciding.Where(name => records.Where(record => record.State is SlideState.Finished).Select(record => Shared(record, name)).Distinct(StringComparer.Ordinal).Count() > 1)];
        Models = [.. slides.Where(slide => slide.State is SlideState.Finished).Select(slide => slide.Model ?? string.Empty).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>All slides that are there or are to be there, by name.</summary>
    public IReadOnlyList<CohortSlide> Slides { get; }

    /// <summary>Names of all areas, in the order of the model's classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The models that the finished slides were segmented with; more than one where a run with another model did not reach all of them.</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>Names of settings, as <c>slide.json</c> has them, that are not the same for all finished slides; there are some where a run with other settings did not reach all of them.</summary>
    public IReadOnlyList<string> DifferingSettings { get; }

    /// <summary>Whether every slide is finished or was skipped for a reason, and all finished ones by one model with the same settings.</summary>
    public bool IsComplete => Models.Count <= 1 && DifferingSettings.Count == 0 && Slides.All(slide => slide.State is SlideState.Finished or SlideState.Skipped);

    /// <summary>The records of slides that have a state.</summary>
    private IReadOnlyList<SlideRecord> Records { get; }

    /// <summary>Writes the list of all slides, so that missing ones are noticed; every part of a run writes the same.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="slides">All slides, not those of one part.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteList(string folder, IEnumerable<SlideItem> slides)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(slides);
        new CohortList { Slides = [.. slides.OrderBy(slide => slide.Name, StringComparer.Ordinal).Select(slide => new CohortEntry(slide.Name, slide.Path))] }.Write(Path.Combine(folder, ListFile));
    }

    /// <summary>Reads what became of all slides.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <exception cref="SlideException">The folder is missing, holds no slide, or its list is damaged.</exception>
    public static SlideCohort Read(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var path = Path.GetFullPath(folder);
        if (!Directory.Exists(path))
        {
            throw new SlideException(path, "There is no such folder.", "Give the folder that mlps slides wrote to.");
        }

        var listed = CohortList.Read(Path.Combine(path, ListFile)).Slides.ToDictionary(slide => slide.Name, slide => slide.File, StringComparer.Ordinal);
        var (slides, records) = (new List<CohortSlide>(), new List<SlideRecord>());
        foreach (var name in listed.Keys.Union(Begun(path), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (SlideRecord.Read(Path.Combine(path, name, SlideRecord.FileName)) is { } record)
            {
                var slide = Of(record, name, listed.GetValueOrDefault(name), Path.Combine(path, name));
                slides.Add(slide);
                if (slide.State is not null)
                {
                    records.Add(record);
                }
            }
            else
            {
                slides.Add(new CohortSlide { Name = name, File = listed.GetValueOrDefault(name, string.Empty), Reason = Directory.Exists(Path.Combine(path, name)) ? "It is begun and not finished." : "It is not begun." });
            }
        }

        return slides.Count > 0 ? new SlideCohort(path, slides, records) : throw new SlideException(path, "There are no results of slides in it.", "Give the folder that mlps slides wrote to.");
    }

    /// <summary>Writes <c>cohort.csv</c>, a row for each slide; <c>areas.csv</c>, a row for each slide and class; and <c>summary.md</c>, for people.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Write()
    {
        AtomicFile.Write(Path.Combine(Folder, TableFile), Encoding.UTF8.GetBytes(Table()));
        FolderSummary.Write(Folder, [.. Records, .. Slides.Where(slide => slide.State is null).Select(slide => new SlideRecord { Name = slide.Name, File = Path.GetFileName(slide.File), State = SlideState.Failed, Reason = slide.Reason })]);
    }

    /// <summary>A state as the tables have it: finished, skipped, failed, or unfinished for null.</summary>
    public static string NameOf(SlideState? state) => state switch
    {
        SlideState.Finished => "finished",
        SlideState.Skipped => "skipped",
        SlideState.Failed => "failed",
        _ => "unfinished",
    };

    private static CohortSlide Of(SlideRecord record, string name, string? file, string folder)
    {
        var missing = record.State is SlideState.Finished ? record.MissingFiles(folder).ToArray() : [];
        return new CohortSlide
        {
            Name = name,
            File = file ?? record.File,
            State = missing.Length == 0 ? record.State : null,
            Reason = missing.Length == 0 ? record.Reason : $"Its record is there, and {string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing or of another length.",
            Width = record.Width,
            Height = record.Height,
            MicronsPerPixel = record.MicronsPerPixel,
            Areas = missing.Length == 0 ? [.. record.Areas.Select(area => new CohortArea(area.Name, area.SquareMillimetres, area.ShareOfTissue, area.MeanProbability))] : [],
            Polygons = record.Annotations?.Polygons,
            Seconds = record.Timings.Values.Sum(),
            Model = record.ModelSha256,
        };
    }

    /// <summary>A setting without what is each slide's own: which tissue was given.</summary>
    private static string Shared(SlideRecord record, string name) =>
        record.Settings.GetValueOrDefault(name, string.Empty) is var value && name == "tissue" && value.StartsWith("given", StringComparison.Ordinal) ? "given" : value;

    /// <summary>Folders that a run has begun.</summary>
    private static IEnumerable<string> Begun(string folder) => Directory.EnumerateDirectories(folder)
        .Where(path => File.Exists(Path.Combine(path, SlideRecord.FileName)) || File.Exists(Path.Combine(path, SlideJob.BandsFile)))
        .Select(path => Path.GetFileName(path));

    private string Table()
    {
        var text = new StringBuilder(Csv.Line(["slide", "state", "reason", "file", "width", "height", "mpp", "polygons", "seconds", "model", .. Classes.SelectMany(name => (string[])[$"{name}, mm2", $"{name}, share_of_tissue", $"{name}, mean_probability"])]));
        foreach (var slide in Slides)
        {
            var areas = slide.Areas.ToDictionary(area => area.Name, StringComparer.Ordinal);
            text.Append(Csv.Line([
                slide.Name, NameOf(slide.State), slide.Reason ?? string.Empty, slide.File, Csv.Number(slide.Width), Csv.Number(slide.Height), Csv.Number(slide.MicronsPerPixel), slide.Polygons is { } polygons ? Csv.Number(polygons) : string.Empty,
                Csv.Number(Math.Round(slide.Seconds, 1)), slide.Model ?? string.Empty,
                .. Classes.SelectMany(name => areas.TryGetValue(name, out var area) ? (string[])[Csv.Number(area.SquareMillimetres), Csv.Number(area.ShareOfTissue), Csv.Number(area.MeanProbability)] : ["", "", ""]),
            ]));
        }

        return text.ToString();
    }
}
