using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary>Tissue that the user says: regions of QuPath, or pictures.</summary>
internal sealed class SlideTissue
{
    private static readonly string[] _regionEndings = [".geojson", ".geojson.gz", ".json"];
    private static readonly string[] _pictureEndings = [".png", ".tif", ".tiff", ".jpg"];

    private readonly string _path;
    private readonly IReadOnlyList<string> _classes;
    private readonly bool _isRegions;

    private SlideTissue(string path, bool isRegions, IReadOnlyList<string> classes) => (_path, _isRegions, _classes) = (Path.GetFullPath(path), isRegions, classes);

    /// <summary>What the command line says; null where tissue is to be found by its colour.</summary>
    /// <exception cref="ArgumentException">It says two things.</exception>
    public static SlideTissue? Of(string? regions, string[]? classes, string? pictures) =>
        regions is not null && pictures is not null ? throw new ArgumentException("--regions and --tissue-mask both say what is tissue; give one of them.")
        : regions is null && classes is { Length: > 0 } ? throw new ArgumentException("--region-classes chooses among the regions that --regions gives; give --regions too.")
        : regions is not null ? new SlideTissue(regions, isRegions: true, classes ?? [])
        : pictures is not null ? new SlideTissue(pictures, isRegions: false, [])
        : null;

    /// <summary>The tissue of a slide.</summary>
    /// <exception cref="SlideException">There is no file for it, or it cannot be used.</exception>
    public TissueMask Find(Slide slide)
    {
        var endings = _isRegions ? _regionEndings : _pictureEndings;
        var file = Directory.Exists(_path) ? endings.Select(ending => Path.Combine(_path, slide.Name + ending)).FirstOrDefault(File.Exists) : _path;
        if (file is null || !File.Exists(file))
        {
            throw new SlideException(slide.Path, $"There is no {(_isRegions ? "file of regions" : "picture of tissue")} for it: {_path} has none of {string.Join(", ", endings.Select(ending => slide.Name + ending))}.", "Write one, or leave the slide out.");
        }

        return _isRegions ? TissueMask.FromRegions(slide, file, _classes.Count == 0 ? null : _classes) : TissueMask.FromImage(slide, file);
    }
}
