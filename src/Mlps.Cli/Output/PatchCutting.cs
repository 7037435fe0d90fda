using System.Globalization;
using Mlps.Cli.Terminal;
using Mlps.Label;
using Mlps.ML;
using Mlps.Slides;

namespace Mlps.Cli.Output;

/// <summary>Cuts the patches of many slides. A slide that fails does not stop the others.</summary>
internal sealed class PatchCutting(SlideOptions slideOptions, SlidePatchOptions options, Func<Slide, TissueMask>? findTissue, string folder)
{
    public const string FailedName = "failed.csv";

    private readonly List<(string Path, string Reason)> _failed = [];

    /// <summary>Writes patches, tables, and what went wrong; false where a slide failed or may be missing.</summary>
    /// <exception cref="TissueDataException">The folder has a table of something else, or a table cannot be written.</exception>
    public bool Run(IReadOnlyList<SlideItem> slides, IReadOnlyList<NotASlide> others, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        AtomicOutput.RequireWritable(folder);
        var table = PatchTable.Open(folder);
        SlideReasons.WriteLeftOut(folder, others);
        var patches = 0;
        foreach (var slide in slides)
        {
            stop.ThrowIfCancellationRequested();
            patches += Cut(slide, table, stop);
        }

        table.Write();
        SlideReasons.Write(folder, FailedName, _failed);
        var cut = slides.Count - _failed.Count;
        Say.Line($"{patches} patches of {cut} {(cut == 1 ? "slide" : "slides")}.");
        Say.Written(Path.Combine(folder, PatchPlace.TableName));
        if (_failed.Count > 0)
        {
            Say.Warning($"{_failed.Count} of {slides.Count} {(slides.Count == 1 ? "slide" : "slides")} failed: see {FailedName}");
        }

        return _failed.Count == 0 && !others.Any(other => other.IsFault);
    }

    private int Cut(SlideItem item, PatchTable table, CancellationToken stop)
    {
        try
        {
            using var slide = Slide.Open(item.Path, slideOptions);
            foreach (var warning in slide.Warnings)
            {
                Say.Warning($"{item.Name}: {warning}");
            }

            var patches = SlidePatches.Choose(slide, options with { Mask = findTissue?.Invoke(slide) }, item.Name);
            Write(slide, patches, table, stop);
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

    /// <summary>Writes the patches and their rows; at no time does the table on disk say of a file what is not true of it.</summary>
    private void Write(Slide slide, IReadOnlyList<SlidePatch> patches, PatchTable table, CancellationToken stop)
    {
        if (table.RemoveOthers(patches.Select(patch => Row(slide, patch))))
        {
            table.Write();
        }

        try
        {
            foreach (var patch in patches)
            {
                stop.ThrowIfCancellationRequested();
                SlidePatches.Write(slide, patch, options.Size, folder);
                table.Set(Row(slide, patch));
            }
        }
        finally
        {
            table.Write();
        }
    }

    private string[] Row(Slide slide, SlidePatch patch) =>
    [
        patch.Name + ".png", slide.Path, Number(patch.X), Number(patch.Y), Number(options.Size), Number(slide.RequireMicronsPerPixel() * patch.Downsample), patch.Tissue.ToString("0.###", CultureInfo.InvariantCulture),
        Number(slide.RequireMicronsPerPixel()),
    ];

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
