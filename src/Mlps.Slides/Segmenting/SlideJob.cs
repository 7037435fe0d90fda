using System.Diagnostics;
using Microsoft.ML;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Everything of one slide: its mask, and the files that are made of it, in a folder of its own.</summary>
/// <remarks>Each file is complete or absent, and <c>slide.json</c> comes last: where it is, the slide is finished.</remarks>
internal sealed class SlideJob(MLContext ml, SlideModel model, string modelSha256, SlideSegmentationOptions options)
{
    /// <summary>What is done of a slide that is not finished.</summary>
    public const string BandsFile = "mask.bands";
    private const string TissueFile = "tissue.png";

    private readonly SortedDictionary<string, double> _seconds = new(StringComparer.Ordinal);

    /// <summary>Told of the bands that are whole, and their number.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <summary>Told of things that the user should know of the slide.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Makes what is missing of a slide.</summary>
    /// <param name="item">The slide.</param>
    /// <param name="slideOptions">How it is opened.</param>
    /// <param name="folder">Where its files go.</param>
    /// <param name="cancellation">Stops the run; it can go on later.</param>
    /// <returns>The record that lies in the folder, and whether it was there before.</returns>
    /// <exception cref="SlideException">The slide cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public (SlideRecord Record, bool WasFinished) Run(SlideItem item, SlideOptions slideOptions, string folder, CancellationToken cancellation)
    {
        using var slide = Slide.Open(item.Path, slideOptions);
        foreach (var warning in slide.Warnings)
        {
            Warn?.Invoke(warning);
        }

        var microns = slide.RequireMicronsPerPixel();
        var modelMicrons = ModelMicrons(model, options);
        var given = options.FindTissue is { } find ? Timed("tissue", () => find(slide)) : null;
        var settings = options.Settings(modelMicrons, model.Segmenter.Segmentation, given);
        settings["slideMicronsPerPixel"] = FormattableString.Invariant($"{microns}");
        settings["backend"] = slide.Backend.ToString();
        settings["content"] = SlideContent.Digest(slide.Path);
        var recordPath = Path.Combine(folder, SlideRecord.FileName);
        if (SlideRecord.Read(recordPath) is { } old && old.IsFinished(modelSha256, settings, folder))
        {
            return (old, true);
        }

        Directory.CreateDirectory(folder);
        File.Delete(recordPath);
        ResultFolder.DeleteUnfinished(folder);
        var mask = given ?? Timed("tissue", () => TissueMask.Find(slide, options.Tissue));
        var tiles = ml.TissueSegmentation.Tiles(slide, new TileOptions { MicronsPerPixel = modelMicrons, Size = options.TileSize, Mask = mask });
        var description = new SlideDescription(slide.Name, slide.Width, slide.Height, microns, microns * tiles.Grid.Downsample, slide.Bounds.X, slide.Bounds.Y, model.Classes);
        var record = new SlideRecord
        {
            Name = item.Name,
            File = Path.GetFileName(item.Path),
            State = mask.IsEmpty ? SlideState.Skipped : SlideState.Finished,
            Reason = mask.IsEmpty ? "No tissue was found on it. Look at tissue.png; TissueMaskOptions (mlps slides --saturation) finds paler tissue." : null,
            Width = slide.Width,
            Height = slide.Height,
            MicronsPerPixel = microns,
            MaskMicronsPerPixel = description.MaskMicronsPerPixel,
            BoundsX = slide.Bounds.X,
            BoundsY = slide.Bounds.Y,
            ModelSha256 = modelSha256,
            Settings = settings,
            Versions = SlideVersions.Of(slide),
        };
        mask.Draw(slide).Save(Path.Combine(folder, TissueFile));
        if (!mask.IsEmpty)
        {
            record = Segment(slide, tiles, description, record, folder, cancellation);
        }

        record = record with { Timings = _seconds };
        SlideOutputs.DeleteOthers(folder, record.Files);
        record.Write(recordPath);
        File.Delete(Path.Combine(folder, BandsFile));
        return (record, false);
    }

    /// <summary>The size of pixels that a model learnt.</summary>
    /// <exception cref="SlideException">Nobody says it.</exception>
    public static double ModelMicrons(SlideModel model, SlideSegmentationOptions options) =>
        options.ModelMicronsPerPixel ?? model.Segmenter.MicronsPerPixel ?? throw new SlideException(
            "The model does not know the size of the pixels that it was trained on, and slides must be read at it. "
            + "Say it with --model-mpp X (SlideSegmentationOptions.ModelMicronsPerPixel) in µm, such as 0.5 for patches of 20x scans; models trained with 'train --mpp X' remember it.");

    private SlideRecord Segment(Slide slide, SlideTiles tiles, SlideDescription description, SlideRecord record, string folder, CancellationToken cancellation)
    {
        var (width, height) = (TissueMask.Pixels(slide.Width, tiles.Grid.Downsample), TissueMask.Pixels(slide.Height, tiles.Grid.Downsample));
        var key = $"{record.ModelSha256}\n{string.Join('\n', record.Settings)}\n{slide.Width} {slide.Height}";
        using var bands = BandFile.Open(Path.Combine(folder, BandsFile), key, width, height, tiles.Grid.Stride);
        var masker = new SlideMasker(model, tiles, bands) { KeepsMeans = options.WriteTiles, Progress = Progress };
        Timed("mask", () => masker.Run(cancellation));
        _seconds["waitForTiles"] = Math.Round(masker.WaitSeconds, digits: 3);
        _seconds["tiles"] = masker.TileCount;
        WorkMemory.Return();

        var written = SlideOutputs.Write(
            folder,
            new SlidePixels(slide),
            slide.ReadThumbnail(OverviewPicture.MaximumSize),
            bands,
            description,
            new OutputOptions
            {
                Annotations = new AnnotationOptions { MinimumArea = options.SmallestPolygon, NoCrop = options.NoCrop },
                Viewer = options.WritePage ? new ViewerOptions() : null,
                Asap = options.WriteAsap,
                AnnotationStore = options.WriteAnnotationStore,
                Tiles = options.WriteTiles ? TileMeans.Read(bands, tiles, model.Classes.Count) : null,
            },
            cancellation);
        foreach (var (step, seconds) in written.Timings)
        {
            _seconds[step] = seconds;
        }

        return record with { Areas = written.Areas, Annotations = written.Annotations, Files = written.Files };
    }

    private void Timed(string step, Action work) => Timed(step, () =>
    {
        work();
        return true;
    });

    private T Timed<T>(string step, Func<T> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = work();
        _seconds[step] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, digits: 3);
        return result;
    }
}
