using System.IO.Hashing;
using System.Text;
using Mlps.ML;

namespace Mlps.Label;

/// <summary>A patch's place in a dataset.</summary>
/// <param name="Patch">The patch.</param>
/// <param name="Consensus">Its label.</param>
/// <param name="Part">The folder that it goes to: <see cref="ExportPlan.Train"/> or <see cref="ExportPlan.HeldOut"/>; null where it is left out.</param>
/// <param name="Target">The file below the dataset's folder, with <c>/</c> between folders; empty where it is left out.</param>
/// <param name="Reason">Why it is left out; empty where it is not.</param>
internal sealed record ExportedPatch(PatchFile Patch, Consensus Consensus, string? Part, string Target, string Reason);

/// <summary>Which labelled patch goes where.</summary>
internal sealed class ExportPlan
{
    /// <summary>The folder to train on.</summary>
    public const string Train = "train";

    /// <summary>The folder of slides that no training sees.</summary>
    public const string HeldOut = "held-out";

    /// <summary>Patches of a tissue that docs/your-data.md advises to start with.</summary>
    private const int EnoughPatches = 200;

    private const string Extension = ".png";

    private ExportPlan(IReadOnlyList<ExportedPatch> patches, IReadOnlyList<string> heldOut, IReadOnlyList<string> warnings) => (Patches, HeldOutSlides, Warnings) = (patches, heldOut, warnings);

    /// <summary>Every patch that somebody answered.</summary>
    public IReadOnlyList<ExportedPatch> Patches { get; }

    /// <summary>The slides that are held out.</summary>
    public IReadOnlyList<string> HeldOutSlides { get; }

    /// <summary>What a user should know before training.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Makes a plan; nothing is written.</summary>
    /// <exception cref="TissueDataException">There is no label to export, or the source pattern would find other slides in the dataset.</exception>
    public static ExportPlan Make(PatchList patches, LabelFolder labels, ExportOptions options)
    {
        IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people = [.. labels.All().Where(log => options.Person is null || PersonName.Key(log.Person) == PersonName.Key(options.Person))];
        var found = Consensus.Of(people, labels.Classes.Count).Select(consensus => (Consensus: consensus, Index: patches.Find(consensus.Patch))).Where(label => label.Index is not null)
            .Select(label => (label.Consensus, Patch: patches.Patches[label.Index!.Value])).ToArray();
        var used = found.Where(label => label.Consensus.Tissues is not (null or 0)).ToArray();
        if (used.Length == 0)
        {
            throw new TissueDataException(
                labels.Folder,
                options.Person is { } person && people.Count == 0 ? $"Nobody of the name '{person}' has labelled; there are {string.Join(", ", labels.People)}." : "No patch is labelled with a tissue yet.",
                "Label some first, with mlps label without --export.");
        }

        var heldOut = ChooseSlides([.. used.Select(label => label.Patch)], options);
        var names = new OutputNames();
        var rule = new SourceRule(options.SourcePattern);
        var planned = found.Select(label => Place(label.Patch, label.Consensus, labels.Classes, heldOut, names, rule)).ToArray();
        return new ExportPlan(planned, [.. heldOut.Order(StringComparer.Ordinal)], Warn(planned, people, labels.Classes, heldOut, options));
    }

    /// <summary>Slides in a random order, as many as stay below the share; at least one where there are two.</summary>
    private static HashSet<string> ChooseSlides(PatchFile[] used, ExportOptions options)
    {
        var counts = used.CountBy(patch => patch.Slide, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        if (options.HeldOut <= 0 || counts.Count < 2)
        {
            return chosen;
        }

        var room = options.HeldOut * used.Length;
        foreach (var slide in counts.Keys.OrderBy(slide => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(slide), options.Seed)).ThenBy(slide => slide, StringComparer.Ordinal))
        {
            if (chosen.Count < counts.Count - 1 && (counts[slide] <= room || chosen.Count == 0))
            {
                chosen.Add(slide);
                room -= counts[slide];
            }
        }

        return chosen;
    }

    private static ExportedPatch Place(PatchFile patch, Consensus consensus, TissueClasses classes, HashSet<string> heldOut, OutputNames names, SourceRule rule)
    {
        var reason = consensus switch
        {
            { Tissues: 0 } => "none of the tissues",
            { IsDisputed: true } => "disputed",
            { Tissues: null } => "cannot say",
            _ => string.Empty,
        };
        if (reason.Length > 0)
        {
            return new ExportedPatch(patch, consensus, null, string.Empty, reason);
        }

        var label = PatchLabel.Write(Enumerable.Range(0, classes.Count).Select(tissue => ((consensus.Tissues!.Value >> tissue) & 1) == 1));
        var part = heldOut.Contains(patch.Slide) ? HeldOut : Train;

        // Where slides are told by the user's pattern, folders may be a part of what it looks at.
        var flat = names.Create(PatchList.FlatName(patch.Key), $"-{label}{Extension}");
        var folder = rule.IsOwn && patch.Key.LastIndexOf('/') is >= 0 and var slash ? patch.Key[..(slash + 1)] : string.Empty;
        var target = $"{part}/{folder}{flat}-{label}{Extension}";
        var slide = rule.Find(new TissuePatch(Path.GetFileNameWithoutExtension(target), $"/{target}", null, null), $"/{part}");
        return slide == patch.Slide || !rule.IsOwn ? new ExportedPatch(patch, consensus, part, target, string.Empty) : throw new TissueDataException(
            patch.Path, $"The source pattern finds the slide '{patch.Slide}' here, and '{slide}' in the dataset, where the patch is {target}.", "Write the pattern so that it depends on the folders or on the start of the path.");
    }

    private static List<string> Warn(ExportedPatch[] planned, IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people, TissueClasses classes, HashSet<string> heldOut, ExportOptions options)
    {
        var warnings = new List<string>();
        var train = planned.Where(patch => patch.Part == Train).ToArray();
        for (var tissue = 0; tissue < classes.Count; tissue++)
        {
            var count = train.Count(patch => ((patch.Consensus.Tissues!.Value >> tissue) & 1) == 1);
            if (count == 0)
            {
                warnings.Add($"{classes[tissue].Name} occurs in no training patch and cannot be learnt: {EnoughPatches} are missing.");
            }
            else if (count == train.Length && classes.Count > 1)
            {
                warnings.Add($"{classes[tissue].Name} occurs in every training patch and cannot be told from the others: label patches without it.");
            }
            else if (count < EnoughPatches)
            {
                warnings.Add($"{classes[tissue].Name} occurs in {count} training patches: {EnoughPatches - count} are missing to the {EnoughPatches} that are a good start.");
            }
        }

        var labellers = people.Count(person => person.Answers.Any(answer => answer.Tissues is not null));
        if (labellers == 1)
        {
            warnings.Add($"Only {people.First(person => person.Answers.Any(answer => answer.Tissues is not null)).Person} has labelled: a second person on some of the patches shows how far the labels can be trusted.");
        }

        if (planned.Count(patch => patch.Consensus.IsDisputed) is > 0 and var disputed)
        {
            warnings.Add($"{disputed} {(disputed == 1 ? "patch is" : "patches are")} left out because people are evenly divided over a tissue: look at them with Compare on the page.");
        }

        if (train.Length > 0 && !train.Any(patch => System.Numerics.BitOperations.IsPow2(patch.Consensus.Tissues!.Value)))
        {
            warnings.Add("No training patch has only one tissue; such patches teach most.");
        }

        if (options.HeldOut > 0 && heldOut.Count == 0)
        {
            warnings.Add("All labelled patches are of one slide, so none is held out: label patches of other slides, to see how a model does on slides that it has not learnt from.");
        }

        return warnings;
    }
}
