using System.Globalization;
using Mlps.Cli.Terminal;
using Mlps.Slides;

namespace Mlps.Cli.Output;

/// <summary>Cuts the patches of many slides. A slide that fails does not stop the others.</summary>
internal sealed class PatchCutting(SlideOptions slideOptions, SlidePatchOptions options, Func<Slide, TissueMask>? findTissue, string folder)
{
    public const string TableName = "patches.csv";
    public const string FailedName = "failed.csv";

    private readonly List<string> _rows = [CsvText.Line(["file", "slide", "x", "y", "size", "mpp", "tissue"])];
    private readonly List<(string Path, string Reason)> _failed = [];

    /// <summary>Writes patches, tables, and what went wrong; false where a slide failed or may be missing.</summary>
    public bool Run(IReadOnlyList<SlideItem> slides, IReadOnlyList<NotASlide> others, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        AtomicOutput.RequireWritable(folder);
        SlideReasons.WriteLeftOut(folder, others);
        var patches = 0;
        foreach (var slide in slides)
        {
            stop.ThrowIfCancellationRequested();
            patches += Cut(slide, stop);
        }

        AtomicOutput.WriteText(Path.Combine(folder, TableName), string.Concat(_rows));
        SlideReasons.Write(folder, FailedName, _failed);
        var cut = slides.Count - _failed.Count;
        Say.Line($"{patches} patches of {cut} {(cut == 1 ? "slide" : "slides")}.");
        Say.Written(Path.Combine(folder, TableName));
        if (_failed.Count > 0)
        {
            Say.Warning($"{_failed.Count} of {slides.Count} {(slides.Count == 1 ? "slide" : "slides")} failed: see {FailedName}");
        }

        return _failed.Count == 0 && !others.Any(other => other.IsFault);
    }

    private int Cut(SlideItem item, CancellationToken stop)
    {
        try
        {
            using var slide = Slide.Open(item.Path, slideOptions);
            foreach (var warning in slide.Warnings)
            {
                Say.Warning($"{item.Name}: {warning}");
            }

            var patches = SlidePatches.Write(slide, folder, options with { Mask = findTissue?.Invoke(slide) }, item.Name, stop);
            _rows.AddRange(patches.Select(patch => Row(slide, patch)));
            Say.Line($"{item.Name}: {patches.Count} patches");
            if (patches.Count < options.PerSlide)
            {
                Say.Warning(patches.Count == 0
                    ? $"{item.Name}: there is no tissue, or none that fills {Number(options.LeastTissue)} of a patch"
                    : $"{item.Name}: its tissue has room for {patches.Count} patches and not for {options.PerSlide}");
            }

            return patches.Count;
        }
        catch (Exception exception) when (!FatalFailure.Is(exception) && exception is SlideException or IOException or UnauthorizedAccessException)
        {
            _failed.Add((item.Path, exception.Message));
            Say.Warning(exception.Message);
            return 0;
        }
    }

    private string Row(Slide slide, SlidePatch patch) => CsvText.Line(
    [
        patch.Name + ".png", slide.Path, Number(patch.X), Number(patch.Y), Number(options.Size), Number(slide.RequireMicronsPerPixel() * patch.Downsample), patch.Tissue.ToString("0.###", CultureInfo.InvariantCulture),
    ]);

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
