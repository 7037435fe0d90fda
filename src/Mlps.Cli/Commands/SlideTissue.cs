using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary>Tissue that the user says: regions of QuPath, or pictures.</summary>
internal sealed class SlideTissue
{
    private static readonly string[] _regionEndings = [".geojson", ".geojson.gz", ".json"];
    private static readonly string[] _pictureEndings = [".png", ".tif", ".tiff", ".jpg"];

    private readonly string _path;
    private readonly bool _isRegions;
    private readonly IReadOnlyList<string> _classes;
    private readonly IReadOnlyList<SlideItem> _slides;
    private readonly string[] _endings;

    private SlideTissue(string path, bool isRegions, IReadOnlyList<string> classes, IReadOnlyList<SlideItem> slides)
    {
        (_path, _isRegions, _classes, _slides) = (Path.GetFullPath(path), isRegions, classes, slides);
        _endings = isRegions ? _regionEndings : _pictureEndings;
    }

    /// <summary>What the command line says; null where tissue is to be found by its colour.</summary>
    /// <param name="regions">A file of regions, or a folder of them.</param>
    /// <param name="classes">The classes whose regions count.</param>
    /// <param name="pictures">A picture, or a folder of them.</param>
    /// <param name="slides">All slides, also those that other runs take.</param>
    /// <param name="isForOne">Whether only one of them is processed.</param>
    /// <exception cref="ArgumentException">It says two things, or gives one file for several slides.</exception>
    public static SlideTissue? Of(string? regions, string[]? classes, string? pictures, IReadOnlyList<SlideItem> slides, bool isForOne) =>
        regions is not null && pictures is not null ? throw new ArgumentException("--regions and --tissue-mask both say what is tissue; give one of them.")
        : regions is null && classes is { Length: > 0 } ? throw new ArgumentException("--region-classes chooses among the regions that --regions gives; give --regions too.")
        : slides.Count > 1 && !isForOne && (File.Exists(regions) || File.Exists(pictures)) ? throw new ArgumentException(
            $"{(regions is null ? "--tissue-mask" : "--regions")} is one file, and there are {slides.Count} slides; give a folder with a file for each, or one slide.")
        : regions is not null ? new SlideTissue(regions, isRegions: true, classes ?? [], slides)
        : pictures is not null ? new SlideTissue(pictures, isRegions: false, [], slides)
        : null;

    /// <summary>The tissue of a slide.</summary>
    /// <exception cref="SlideException">There is no file for it, it may be of another slide, or it cannot be used.</exception>
    public TissueMask Find(Slide slide)
    {
        var file = Directory.Exists(_path) ? InFolder(slide) : File.Exists(_path) ? _path : throw Missing(slide, [slide.Name]);
        return _isRegions ? TissueMask.FromRegions(slide, file, _classes.Count == 0 ? null : _classes) : TissueMask.FromImage(slide, file);
    }

    /// <summary>The file named as the slide's results; or as the slide's file, where no other slide's file has that name.</summary>
    private string InFolder(Slide slide)
    {
        var name = _slides.FirstOrDefault(item => item.Path == slide.Path)?.Name ?? slide.Name;
        if (Existing(name) is { } own)
        {
            return own;
        }

        SlideItem[] others = [.. _slides.Where(item => item.Path != slide.Path && Stem(item).Equals(slide.Name, StringComparison.OrdinalIgnoreCase))];
        if (Array.Exists(others, item => item.Name.Equals(slide.Name, StringComparison.OrdinalIgnoreCase)))
        {
            // The results of that one have this very name, so that the file is its own.
            throw Missing(slide, [name]);
        }

        var file = Existing(slide.Name) ?? throw Missing(slide, [.. ((string[])[name, slide.Name]).Distinct(StringComparer.Ordinal)]);
        return others is [] ? file : throw Shared(file, slide, name, others[0]);
    }

    private string? Existing(string name) => _endings.Select(ending => Path.Combine(_path, name + ending)).FirstOrDefault(File.Exists);

    private static string Stem(SlideItem item) => Path.GetFileNameWithoutExtension(item.Path);

    private SlideException Missing(Slide slide, IEnumerable<string> names) => new(
        slide.Path,
        $"There is no {(_isRegions ? "file of regions" : "picture of tissue")} for it: {_path} has none of {string.Join(", ", names.SelectMany(name => _endings.Select(ending => name + ending)))}.",
        "Write one, or leave the slide out.");

    private static SlideException Shared(string file, Slide slide, string name, SlideItem other)
    {
        var ending = Path.GetFileName(file)[slide.Name.Length..];
        string[] paths = [.. ((string[])[slide.Path, other.Path]).Order(StringComparer.Ordinal)];
        return new SlideException(file, $"It may be of {paths[0]} or of {paths[1]}, whose files have the same name.", $"Name such files as the results of their slides are named: {name}{ending} and {other.Name}{ending}.");
    }
}
