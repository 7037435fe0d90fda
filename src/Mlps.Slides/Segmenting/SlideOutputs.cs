using System.Diagnostics;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Writes all files of a slide but <c>slide.json</c>, which comes last and is the caller's.</summary>
internal sealed class SlideOutputs
{
    /// <summary>The mask.</summary>
    public const string MaskFile = "mask.tif";

    /// <summary>The polygons; the same with <c>.gz</c> is their gzipped form.</summary>
    public const string AnnotationsFile = "annotations.geojson";

    /// <summary>The table of areas.</summary>
    public const string AreasFile = "areas.csv";

    /// <summary>The picture.</summary>
    public const string OverviewFile = "overview.png";

    /// <summary>The annotations for ASAP.</summary>
    public const string AsapFile = "annotations.asap.xml";

    /// <summary>The annotation store for TIAToolbox.</summary>
    public const string StoreFile = "annotations.db";

    /// <summary>The table of tiles.</summary>
    public const string TilesFile = "tiles.csv";

    private readonly string _folder;
    private readonly SortedDictionary<string, double> _timings = new(StringComparer.Ordinal);
    private readonly List<string> _files = [];

    private SlideOutputs(string folder) => _folder = folder;

    /// <summary>Writes the files; each is complete or absent.</summary>
    /// <param name="folder">The slide's folder, which exists.</param>
    /// <param name="pixels">The slide.</param>
    /// <param name="thumbnail">The whole slide within its bounds, about 2,000 px.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What they are of.</param>
    /// <param name="options">Which files.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>A record of what was written: areas, polygons, files and timings. Other values are the caller's to add.</returns>
    public static SlideRecord Write(
        string folder, ISlidePixels pixels, RgbImage thumbnail, IMaskRows rows, SlideDescription slide, OutputOptions options, CancellationToken cancellation = default)
    {
        var outputs = new SlideOutputs(folder);
        var areas = outputs.Time(AreasFile, path =>
        {
            var counted = SlideAreas.Count(rows, slide, cancellation);
            counted.Write(path);
            return counted;
        });
        outputs.Time(MaskFile, path => MaskTiff.Write(path, rows, slide, cancellation: cancellation));
        var counts = outputs.Time(AnnotationsFile, path => GeoJsonAnnotations.Write(path, rows, slide, options.Annotations, cancellation));
        outputs._files.Add(AnnotationsFile + GeoJsonAnnotations.GzipExtension);
        outputs.Time(OverviewFile, path => OverviewPicture.Draw(thumbnail, rows, slide, areas).Save(path));
        if (options.Asap)
        {
            outputs.Time(AsapFile, path => AsapAnnotations.Write(path, rows, slide, options.Annotations, cancellation));
        }

        if (options.AnnotationStore)
        {
            outputs.Time(StoreFile, path => Slides.AnnotationStore.Write(path, rows, slide, options.Annotations, cancellation));
        }

        if (options.Tiles is { } tiles)
        {
            outputs.Time(TilesFile, path => TileTable.Write(path, slide.Classes, tiles));
        }

        if (options.Viewer is { } viewer)
        {
            WorkMemory.Return();
            outputs.Time(SlideViewer.PageFile, _ => SlideViewer.Write(folder, pixels, rows, slide, areas, viewer, cancellation));
        }

        return new SlideRecord
        {
            Name = slide.Name,
            File = string.Empty,
            State = SlideState.Finished,
            Width = slide.Width,
            Height = slide.Height,
            MicronsPerPixel = slide.MicronsPerPixel,
            MaskMicronsPerPixel = slide.MaskMicronsPerPixel,
            BoundsX = slide.BoundsX,
            BoundsY = slide.BoundsY,
            Areas = [.. areas.All],
            Annotations = counts,
            Files = SlideRecord.Lengths(folder, outputs._files),
            Timings = outputs._timings,
        };
    }

    /// <summary>Deletes the files of an earlier run that do not belong to this one.</summary>
    /// <param name="folder">The slide's folder.</param>
    /// <param name="files">The files of this run.</param>
    public static void DeleteOthers(string folder, IReadOnlyDictionary<string, long> files)
    {
        string[] all = [MaskFile, AnnotationsFile, AnnotationsFile + GeoJsonAnnotations.GzipExtension, AreasFile, OverviewFile, AsapFile, StoreFile, TilesFile, SlideViewer.PageFile];
        foreach (var name in all.Where(name => !files.ContainsKey(name)))
        {
            File.Delete(Path.Combine(folder, name));
        }

        var viewer = Path.Combine(folder, SlideViewer.Folder);
        if (!files.ContainsKey(SlideViewer.PageFile) && Directory.Exists(viewer))
        {
            Directory.Delete(viewer, recursive: true);
        }
    }

    private T Time<T>(string name, Func<string, T> write)
    {
        var start = Stopwatch.GetTimestamp();
        var result = write(Path.Combine(_folder, name));
        _timings[name] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3);
        _files.Add(name);
        return result;
    }

    private void Time(string name, Action<string> write) =>
        Time(name, path =>
        {
            write(path);
            return true;
        });
}
