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
    /// <exception cref="SlideException">The size of the pixels that the model learnt is not known.</exception>
    public SlideSegmenter(MLContext ml, ITransformer model, string modelName, SlideSegmentationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentException.ThrowIfNullOrWhiteSpace(modelName);
        _options = options ?? new SlideSegmentationOptions();
        _options.Check();
        (_ml, _model, _modelSha256) = (ml, SlideModel.Of(model, _options.Segmentation), modelName);
        _ = SlideJob.ModelMicrons(_model, _options);
    }

    /// <summary>Segments slides one after the other, each into a folder of its name; one that is broken does not stop the others.</summary>
    /// <param name="slides">Paths of the slides; where names repeat, folders get numbers in the order of the paths.</param>
    /// <param name="outputFolder">Where folders of slides, <c>areas.csv</c> and <c>summary.md</c> go.</param>
    /// <param name="slideOptions">How slides are opened, or null for the defaults.</param>
    /// <param name="progress">Told of each slide's progress, or null.</param>
    /// <param name="cancellationToken">Stops the run within seconds; the same call goes on where it stopped.</param>
    /// <returns>What became of each slide, in order.</returns>
    /// <exception cref="IOException">Results cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public IReadOnlyList<SlideResult> Run(
        IEnumerable<string> slides, string outputFolder, SlideOptions? slideOptions = null, IProgress<SlideProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slides);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputFolder);
        string[] paths = [.. slides.Select(Path.GetFullPath)];
        var names = new OutputNames();
        string[] folders = [.. paths.Select(path => Path.Combine(Path.GetFullPath(outputFolder), names.Create(Path.GetFileNameWithoutExtension(path), string.Empty)))];
        Directory.CreateDirectory(outputFolder);
        var records = new List<SlideRecord>();
        var results = new List<SlideResult>();
        foreach (var (path, folder) in paths.Zip(folders))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (record, wasFinished) = Segment(path, folder, slideOptions ?? new SlideOptions(), new Told(progress, path), cancellationToken);
            records.Add(record);
            results.Add(new SlideResult(path, folder, record.State, record.Reason, wasFinished));
            FolderSummary.Write(outputFolder, records);
        }

        return results;
    }

    private (SlideRecord Record, bool WasFinished) Segment(string path, string folder, SlideOptions slideOptions, Told told, CancellationToken cancellation)
    {
        try
        {
            return new SlideJob(_ml, _model, _modelSha256, _options) { Progress = told.Bands, Warn = told.Warning }.Run(path, slideOptions, folder, cancellation);
        }
        catch (SlideException exception)
        {
            var failed = new SlideRecord { Name = Path.GetFileName(folder), File = Path.GetFileName(path), State = SlideState.Failed, Reason = exception.Message, ModelSha256 = _modelSha256 };
            Directory.CreateDirectory(folder);
            failed.Write(Path.Combine(folder, SlideRecord.FileName));
            return (failed, false);
        }
    }

    /// <summary>Passes news of one slide on.</summary>
    private sealed class Told(IProgress<SlideProgress>? progress, string path)
    {
        public void Bands(string name, int done, int count) => progress?.Report(new SlideProgress(path, name, done, count, Warning: null));

        public void Warning(string text) => progress?.Report(new SlideProgress(path, Path.GetFileName(path), 0, 0, text));
    }
}
