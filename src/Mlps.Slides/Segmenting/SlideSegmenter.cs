using Microsoft.ML;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Segments whole slides with a trained model, and writes masks, annotations for QuPath, areas, pictures and pages.</summary>
/// <remarks>Memory does not grow with the slides. What is finished is not made again, and what was interrupted goes on from its last finished band.</remarks>
public sealed class SlideSegmenter
{
    private readonly MLContext _ml;
    private readonly SlideModel _model;
    private readonly string _modelSha256;
    private readonly SlideSegmentationOptions _options;

    /// <summary>Makes a segmenter of slides.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">A trained chain that ends with a segmenter; it stays the caller's.</param>
    /// <param name="modelName">What tells the model from others, such as the SHA-256 of its file: results of another name are made anew.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or the model ends with something else.</exception>
    /// <exception cref="SlideException">The size of the pixels that the model learnt is not known, or annotation stores are to be written and the machine has no SQLite.</exception>
    public SlideSegmenter(MLContext ml, ITransformer model, string modelName, SlideSegmentationOptions? options = null)
        : this(ml, model, modelName, options, static () => SqliteLibrary.IsThere)
    {
    }

    /// <param name="ml">The context.</param>
    /// <param name="model">The chain.</param>
    /// <param name="modelName">What tells the model from others.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <param name="hasSqlite">Whether the machine has SQLite.</param>
    internal SlideSegmenter(MLContext ml, ITransformer model, string modelName, SlideSegmentationOptions? options, Func<bool> hasSqlite)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelName);
        _options = options ?? new SlideSegmentationOptions();
        _options.Check();
        if (_options.WriteAnnotationStore && !hasSqlite())
        {
            throw new SlideException($"{SlideOutputs.StoreFile} cannot be written. {SqliteLibrary.Installation} Or leave WriteAnnotationStore (mlps slides --annotation-store) out.");
        }

        (_ml, _model, _modelSha256) = (ml, SlideModel.Of(model, _options.Segmentation), modelName);
        _ = SlideJob.ModelMicrons(_model, _options);
    }

    /// <summary>Segments slides one after the other, each into a folder named after its file (<see cref="SlideItem.Of(IEnumerable{string})"/>); one that is broken does not stop the others.</summary>
    /// <param name="slides">Paths of the slides.</param>
    /// <param name="outputFolder">Where folders of slides, <c>areas.csv</c> and <c>summary.md</c> go.</param>
    /// <param name="slideOptions">How slides are opened, or null for the defaults.</param>
    /// <param name="progress">Told of each slide's progress, or null.</param>
    /// <param name="cancellationToken">Stops the run within seconds; the same call goes on where it stopped.</param>
    /// <returns>What became of each slide, in order.</returns>
    /// <exception cref="IOException">Results cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public IReadOnlyList<SlideResult> Run(
        IEnumerable<string> slides, string outputFolder, SlideOptions? slideOptions = null, IProgress<SlideProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Run(SlideItem.Of(slides), outputFolder, slideOptions, progress, cancellationToken);

    /// <summary>Segments slides one after the other, each into a folder of its name; one that is broken does not stop the others.</summary>
    /// <param name="slides">The slides, whose names are all different, also where case does not count.</param>
    /// <param name="outputFolder">Where folders of slides, <c>areas.csv</c> and <c>summary.md</c> go.</param>
    /// <param name="slideOptions">How slides are opened, or null for the defaults.</param>
    /// <param name="progress">Told of each slide's progress, or null.</param>
    /// <param name="cancellationToken">Stops the run within seconds; the same call goes on where it stopped.</param>
    /// <returns>What became of each slide, in order.</returns>
    /// <exception cref="IOException">Results cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public IReadOnlyList<SlideResult> Run(
        IEnumerable<SlideItem> slides, string outputFolder, SlideOptions? slideOptions = null, IProgress<SlideProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slides);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputFolder);
        SlideItem[] items = [.. slides];
        RequireNames(items);
        Directory.CreateDirectory(outputFolder);
        var records = _options.WriteSummary ? FolderRecords.Read(outputFolder, FolderRecords.Interval, cancellationToken) : null;
        var results = new List<SlideResult>();
        try
        {
            foreach (var slide in items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var folder = Path.Combine(Path.GetFullPath(outputFolder), slide.Name);
                var (record, wasFinished) = Segment(slide, folder, slideOptions ?? new SlideOptions(), new Told(progress, slide), cancellationToken);
                results.Add(new SlideResult(slide.Path, folder, record.State, record.Reason, wasFinished));
                records?.Add(record);
            }
        }
        catch when (results.Count < items.Length)
        {
            records?.WriteStopped(items[results.Count].Name);
            throw;
        }

        records?.Write();
        return results;
    }

    /// <exception cref="ArgumentException">Two slides have one name, or a name is no folder's.</exception>
    private static void RequireNames(SlideItem[] slides)
    {
        var taken = new Dictionary<string, SlideItem>(StringComparer.OrdinalIgnoreCase);
        foreach (var slide in slides)
        {
            if (slide.Name is "" or "." or ".." || slide.Name.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()))
            {
                throw new ArgumentException($"The results of {slide.Path} cannot be named '{slide.Name}': it must be the name of a folder. SlideItem.Of makes such names.", nameof(slides));
            }

            if (!taken.TryAdd(slide.Name, slide))
            {
                throw new ArgumentException($"{taken[slide.Name].Path} and {slide.Path} have the same name, '{slide.Name}', and would be written over each other. SlideItem.Of makes different names.", nameof(slides));
            }
        }
    }

    private (SlideRecord Record, bool WasFinished) Segment(SlideItem slide, string folder, SlideOptions slideOptions, Told told, CancellationToken cancellation)
    {
        try
        {
            return new SlideJob(_ml, _model, _modelSha256, _options) { Progress = told.Bands, Warn = told.Warning }.Run(slide, slideOptions, folder, cancellation);
        }
        catch (SlideException exception)
        {
            var failed = new SlideRecord { Name = slide.Name, File = Path.GetFileName(slide.Path), State = SlideState.Failed, Reason = exception.Message, ModelSha256 = _modelSha256 };
            var path = Path.Combine(folder, SlideRecord.FileName);

            // A wrong option must not undo what an earlier run finished.
            if (SlideRecord.Read(path) is not { } old || !old.IsWhole(folder))
            {
                Directory.CreateDirectory(folder);
                failed.Write(path);
            }

            return (failed, false);
        }
    }

    /// <summary>Passes news of one slide on.</summary>
    private sealed class Told(IProgress<SlideProgress>? progress, SlideItem slide)
    {
        public void Bands(int done, int count) => progress?.Report(new SlideProgress(slide.Path, slide.Name, done, count, Warning: null));

        public void Warning(string text) => progress?.Report(new SlideProgress(slide.Path, slide.Name, 0, 0, text));
    }
}
