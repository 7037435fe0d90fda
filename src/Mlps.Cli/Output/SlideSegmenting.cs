using Mlps.Cli.Terminal;
using Mlps.Slides;

namespace Mlps.Cli.Output;

/// <summary>Segments many slides, and says how it goes.</summary>
internal sealed class SlideSegmenting(SlideSegmenter segmenter, SlideOptions slideOptions, string folder)
{
    /// <summary>All that is in the folder is results.</summary>
    private const string Everything = "*";

    private const string FolderSummaryName = "summary.md";

    /// <summary>More would scroll the summary away; the file has all.</summary>
    private const int Shown = 20;

    /// <summary>Runs, and is false where a slide failed or may be missing.</summary>
    /// <param name="slides">All slides.</param>
    /// <param name="others">What is no slide.</param>
    /// <param name="part">Those of them that are segmented, while other runs segment others; null for all.</param>
    /// <param name="stop">Stops the run.</param>
    public bool Run(IReadOnlyList<SlideItem> slides, IReadOnlyList<NotASlide> others, IReadOnlyList<SlideItem>? part, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        AtomicOutput.RequireWritable(folder);
        if (part is null)
        {
            OutputFolder.Mark(folder, "slides", ["areas.csv", FolderSummaryName, SlideReasons.LeftOutName, .. slides.Select(slide => slide.Name)]);
            SlideReasons.WriteLeftOut(folder, others);
        }
        else
        {
            // Others write here at the same time: each of these files is the same from all of them.
            OutputFolder.Mark(folder, "slides", [Everything]);
            SlideReasons.WriteLeftOut(folder, others);
            SlideCohort.WriteList(folder, slides);
        }

        var results = segmenter.Run(part ?? slides, folder, slideOptions, new Progress(), stop);
        foreach (var result in results)
        {
            Say.Line($"{Path.GetFileName(result.Folder)}: {State(result)}");
        }

        foreach (var failed in results.Where(result => result.State is SlideState.Failed or SlideState.Skipped).Take(Shown))
        {
            // A failure's reason names the file itself.
            Say.Warning(failed.State is SlideState.Failed ? failed.Reason! : $"{Path.GetFileName(failed.Folder)}: {failed.Reason}");
        }

        if (part is null)
        {
            Say.Written(Path.Combine(folder, FolderSummaryName));
        }

        return results.All(result => result.State is not SlideState.Failed) && !others.Any(other => other.IsFault);
    }

    private static string State(SlideResult result) => result switch
    {
        { State: SlideState.Finished, WasFinished: true } => "finished before",
        { State: SlideState.Finished } => "finished",
        { State: SlideState.Skipped } => "skipped",
        _ => "failed",
    };

    /// <summary>A line for each tenth of a slide.</summary>
    private sealed class Progress : IProgress<SlideProgress>
    {
        private const int Parts = 10;
        private string? _path;
        private int _part;

        public void Report(SlideProgress value)
        {
            if (value.Warning is { } warning)
            {
                Say.Warning($"{value.Name}: {warning}");
                return;
            }

            var part = Parts * value.BandsDone / Math.Max(1, value.BandCount);
            if (value.Path != _path || part != _part)
            {
                (_path, _part) = (value.Path, part);
                Say.Line($"{value.Name}: {100 * value.BandsDone / Math.Max(1, value.BandCount)} %");
            }
        }
    }
}
