using System.CommandLine;
using System.Globalization;
using Mlps.Cli.Output;
using Mlps.Cli.Terminal;
using Mlps.Slides;

namespace Mlps.Cli.Commands;

/// <summary><c>cohort</c>: many slides, segmented by several runs.</summary>
internal static class CohortCommand
{
    /// <summary>More would scroll the end away; the table has all.</summary>
    private const int Shown = 20;

    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder that mlps slides wrote to.", Required = true };
        var summarize = new Command("summarize", "Writes one table of all slides, and says which are missing, skipped or failed.") { output };
        summarize.SetAction(async (parsed, stop) =>
        {
            var cohort = SlideCohort.Read(parsed.GetRequiredValue(output).FullName);
            cohort.Write();
            var parquet = Path.Combine(cohort.Folder, CohortParquet.FileName);
            await CohortParquet.WriteAsync(cohort, parquet, stop).ConfigureAwait(false);
            Report(cohort);
            Say.Written(Path.Combine(cohort.Folder, SlideCohort.TableFile));
            Say.Written(parquet);
            return cohort.IsComplete ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return new Command("cohort", "Lists and sums up slides that several runs segment (slides --shard).") { List(), summarize };
    }

    /// <summary><c>cohort list</c>: for programs that plan the runs.</summary>
    private static Command List()
    {
        var inputs = new SlideInputs();
        var output = CommonOptions.Output("slides");
        var list = new Command("list", "Writes slides.json: all slides, and the names that their results will have.") { output };
        inputs.AddTo(list);
        list.SetAction((parsed, stop) =>
        {
            var folder = parsed.GetRequiredValue(output).FullName;
            var (slides, others) = inputs.Find(parsed, folder, stop);
            Directory.CreateDirectory(folder);
            OutputFolder.Mark(folder, "slides", ["*"]);
            SlideReasons.WriteLeftOut(folder, others);
            SlideCohort.WriteList(folder, slides);
            Say.Written(Path.Combine(folder, SlideCohort.ListFile));
            return Task.FromResult(others.Any(other => other.IsFault) ? ExitCode.SomeFailed : ExitCode.Success);
        });
        return list;
    }

    private static void Report(SlideCohort cohort)
    {
        Say.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{cohort.Slides.Count} slides: {Count(SlideState.Finished)} finished, {Count(SlideState.Skipped)} skipped, {Count(SlideState.Failed)} failed, {Count(null)} unfinished"));
        var others = cohort.Slides.Where(slide => slide.State is not SlideState.Finished).ToArray();
        foreach (var slide in others.Take(Shown))
        {
            Say.Warning($"{slide.Name}: {slide.Reason}");
        }

        if (others.Length > Shown)
        {
            Say.Line($"And {others.Length - Shown} more: see {SlideCohort.TableFile}");
        }

        if (cohort.Models.Count > 1)
        {
            Say.Warning($"The slides were segmented with {cohort.Models.Count} models; the column model tells them apart. Run mlps slides again with one of them.");
        }

        if (cohort.DifferingSettings.Count > 0)
        {
            Say.Warning($"The slides were segmented with different settings ({string.Join(", ", cohort.DifferingSettings)}; slide.json of each has them), so their areas cannot be compared. Run mlps slides again with one choice.");
        }

        int Count(SlideState? state) => cohort.Slides.Count(slide => slide.State == state);
    }
}
