using System.Globalization;
using System.Numerics;
using Mlps.ML;

namespace Mlps.Label;

/// <summary>What a user should know of a dataset before training on it, one sentence each.</summary>
internal static class ExportWarnings
{
    /// <summary>Patches of a tissue that docs/your-data.md advises to start with.</summary>
    private const int EnoughPatches = 200;

    /// <summary>The warnings of a plan.</summary>
    public static IReadOnlyList<string> Find(ExportedPatch[] planned, IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people, TissueClasses classes, HashSet<string> heldOut, ExportOptions options) =>
    [
        .. OfTissues([.. planned.Where(patch => patch.Part == ExportPlan.Train)], classes),
        .. OfPeople(planned, people),
        .. OfSlides(planned, heldOut, options),
        .. OfMasks([.. planned.Where(patch => patch.Mask is not null)], classes),
    ];

    private static IEnumerable<string> OfTissues(ExportedPatch[] train, TissueClasses classes)
    {
        for (var tissue = 0; tissue < classes.Count; tissue++)
        {
            var count = train.Count(patch => ((patch.Consensus.Tissues!.Value >> tissue) & 1) == 1);
            if (count == 0)
            {
                yield return $"{classes[tissue].Name} occurs in no training patch and cannot be learnt: {EnoughPatches} are missing.";
            }
            else if (count == train.Length && classes.Count > 1)
            {
                yield return $"{classes[tissue].Name} occurs in every training patch and cannot be told from the others: label patches without it.";
            }
            else if (count < EnoughPatches)
            {
                yield return $"{classes[tissue].Name} occurs in {count} training patches: {EnoughPatches - count} are missing to the {EnoughPatches} that are a good start.";
            }
        }

        if (train.Length > 0 && !train.Any(patch => BitOperations.IsPow2(patch.Consensus.Tissues!.Value)))
        {
            yield return "No training patch has only one tissue; such patches teach most.";
        }
    }

    private static IEnumerable<string> OfPeople(ExportedPatch[] planned, IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people)
    {
        if (people.Where(person => person.Answers.Any(answer => answer.Tissues is not null)).ToArray() is [var only])
        {
            yield return $"Only {only.Person} has labelled: a second person on some of the patches shows how far the labels can be trusted.";
        }

        if (planned.Count(patch => patch.Consensus.IsDisputed) is > 0 and var disputed)
        {
            yield return $"{disputed} {(disputed == 1 ? "patch is" : "patches are")} left out because people are evenly divided over a tissue: look at them with Compare on the page.";
        }
    }

    private static IEnumerable<string> OfSlides(ExportedPatch[] planned, HashSet<string> heldOut, ExportOptions options)
    {
        if (options.HeldOut > 0 && heldOut.Count == 0)
        {
            yield return "All labelled patches are of one slide, so none is held out: label patches of other slides, to see how a model does on slides that it has not learnt from.";
        }

        var trained = planned.Where(patch => patch.Part == ExportPlan.Train).Select(patch => patch.Patch.Slide).ToHashSet(StringComparer.Ordinal);
        string[] onBothSides = [.. planned.Where(patch => patch.Mask is not null && trained.Contains(patch.Patch.Slide)).Select(patch => patch.Patch.Slide).Distinct(StringComparer.Ordinal)];
        if (onBothSides.Length > 0)
        {
            yield return $"There are masks of every slide with labels, so that {string.Join(", ", onBothSides)} {(onBothSides.Length == 1 ? "is" : "are")} trained on too, and scores of the masks are too good: label patches of other slides.";
        }
    }

    private static IEnumerable<string> OfMasks(ExportedPatch[] masked, TissueClasses classes)
    {
        if (masked.Length == 0)
        {
            yield break;
        }

        if (masked.Length < MaskChoice.Enough)
        {
            yield return $"{masked.Length} {(masked.Length == 1 ? "patch has a mask" : "patches have masks")}: {MaskChoice.Enough - masked.Length} are missing to the {MaskChoice.Enough} that are a good start to choose epochs by.";
        }

        var drawn = masked.Aggregate(0u, (bits, patch) => bits | patch.Mask!.Tissues(classes.Count));
        foreach (var tissue in Enumerable.Range(0, classes.Count).Where(tissue => ((drawn >> tissue) & 1) == 0))
        {
            yield return $"{classes[tissue].Name} is in no mask: epochs are chosen without it.";
        }

        if (masked.Count(patch => patch.Mask!.Open > 0) is > 0 and var open)
        {
            var share = masked.Sum(patch => (double)patch.Mask!.Open) / masked.Sum(patch => (double)patch.Mask!.Indices.Length);
            var meaning = classes.Background is { } background ? $"and count as {background.Name} where that is a class (protocol B)" : "as if they were not there";
            yield return string.Create(CultureInfo.InvariantCulture, $"{open} {(open == 1 ? "mask has" : "masks have")} pixels without an answer, or on which people are divided ({100 * share:0.0} % of all): training passes over them, {meaning}.");
        }

        if (masked.Count(patch => patch.Consensus.Tissues is { } tissues && tissues != patch.Mask!.Tissues(classes.Count)) is > 0 and var contradicting)
        {
            yield return $"{contradicting} {(contradicting == 1 ? "mask shows" : "masks show")} other tissues than the patch's label: look at them again.";
        }
    }
}
