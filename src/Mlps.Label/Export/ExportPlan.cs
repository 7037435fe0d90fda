using Mlps.ML;

namespace Mlps.Label;

/// <summary>Which labelled patch goes where.</summary>
internal sealed class ExportPlan
{
    /// <summary>The folder to train on.</summary>
    public const string Train = "train";

    /// <summary>The folder of patches with labels and without masks, of slides that no training sees.</summary>
    public const string HeldOut = "held-out";

    /// <summary>The folder of patches with masks, and the folders in it.</summary>
    public const string Masked = "val", ImagePart = DatasetSplitReader.ImageFolderName, MaskPart = DatasetSplitReader.MaskFolderName;

    private const string Extension = ".png";

    private ExportPlan(IReadOnlyList<ExportedPatch> patches, IReadOnlyList<string> heldOut, IReadOnlyList<string> warnings) => (Patches, HeldOutSlides, Warnings) = (patches, heldOut, warnings);

    /// <summary>Every patch that somebody answered or drew on.</summary>
    public IReadOnlyList<ExportedPatch> Patches { get; }

    /// <summary>The slides that are held out.</summary>
    public IReadOnlyList<string> HeldOutSlides { get; }

    /// <summary>What a user should know before training.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Makes a plan; nothing is written.</summary>
    /// <exception cref="TissueDataException">There is no label to export, a mask cannot be read, or the source pattern would find other slides in the dataset.</exception>
    public static ExportPlan Make(PatchList patches, LabelFolder labels, ExportOptions options)
    {
        IReadOnlyList<(string Person, IReadOnlyList<Answer> Answers)> people = [.. labels.All().Where(log => options.Person is null || PersonName.Key(log.Person) == PersonName.Key(options.Person))];
        var masks = ReadMasks(patches, labels, [.. people.Select(person => person.Person)]);
        var answered = Consensus.Of(people, labels.Classes.Count).Where(consensus => patches.Find(consensus.Patch) is not null).ToArray();
        var drawnAlone = masks.Keys.Select(index => patches.Patches[index].Key).Except(answered.Select(consensus => consensus.Patch), StringComparer.Ordinal).Select(patch => new Consensus(patch, null, 0));
        var found = answered.Concat(drawnAlone).OrderBy(consensus => consensus.Patch, StringComparer.Ordinal).Select(consensus => (Consensus: consensus, Patch: patches.Patches[patches.Find(consensus.Patch)!.Value])).ToArray();
        PatchFile[] used = [.. found.Where(label => label.Consensus.Tissues is not (null or 0)).Select(label => label.Patch)];
        if (used.Length == 0)
        {
            throw new TissueDataException(
                labels.Folder,
                options.Person is { } person && people.Count == 0 ? $"Nobody of the name '{person}' has labelled; there are {string.Join(", ", labels.People)}." : "No patch is labelled with a tissue yet.",
                "Label some first, with mlps label without --export.");
        }

        var masked = masks.Keys.Select(index => patches.Patches[index].Slide).ToHashSet(StringComparer.Ordinal);
        var heldOut = Label.HeldOutSlides.Choose(used, options.HeldOut, options.Seed, masked);
        var names = new OutputNames();
        var rule = new SourceRule(options.SourcePattern);
        var planned = found.Select(label => Place(label.Patch, label.Consensus, masks.GetValueOrDefault(label.Patch.Index), labels.Classes, heldOut, names, rule)).ToArray();
        return new ExportPlan(planned, [.. heldOut.Order(StringComparer.Ordinal)], ExportWarnings.Find(planned, people, labels.Classes, heldOut, options));
    }

    /// <summary>The masks that people drew, one for each patch, by the patches' indices; without those that show no tissue.</summary>
    private static Dictionary<int, MergedMask> ReadMasks(PatchList patches, LabelFolder labels, string[] people)
    {
        var folder = new MaskFolder(labels.Folder, labels.Classes);
        var drawn = people.Select(person => (Person: person, Files: folder.FileNames(person))).Where(person => person.Files.Count > 0).ToArray();
        var masks = new Dictionary<int, MergedMask>();
        foreach (var patch in drawn.Length == 0 ? [] : patches.Patches)
        {
            var file = MaskFolder.FileName(patch.Key);
            DrawnMask[] ofPatch = [.. drawn.Where(person => person.Files.Contains(file)).Select(person => folder.Find(person.Person, patch)).OfType<DrawnMask>()];
            if (ofPatch.Length > 0 && MergedMask.Of(ofPatch, labels.Classes) is var mask && mask.Tissues(labels.Classes.Count) != 0)
            {
                masks[patch.Index] = mask;
            }
        }

        return masks;
    }

    private static ExportedPatch Place(PatchFile patch, Consensus consensus, MergedMask? mask, TissueClasses classes, HashSet<string> heldOut, OutputNames names, SourceRule rule)
    {
        if (mask is not null)
        {
            return Place(patch, consensus, mask, Masked, $"{Masked}/{ImagePart}", string.Empty, names, rule);
        }

        var reason = consensus switch
        {
            { Tissues: 0 } => "none of the tissues",
            { IsDisputed: true } => "disputed",
            { Tissues: null } => "cannot say",
            _ => string.Empty,
        };
        if (reason.Length > 0)
        {
            return new ExportedPatch(patch, consensus, null, null, string.Empty, reason);
        }

        var label = PatchLabel.Write(Enumerable.Range(0, classes.Count).Select(tissue => ((consensus.Tissues!.Value >> tissue) & 1) == 1));
        var part = heldOut.Contains(patch.Slide) ? HeldOut : Train;
        return Place(patch, consensus, null, part, part, $"-{label}", names, rule);
    }

    private static ExportedPatch Place(PatchFile patch, Consensus consensus, MergedMask? mask, string part, string root, string label, OutputNames names, SourceRule rule)
    {
        // Where slides are told by the user's pattern, folders may be a part of what it looks at.
        var flat = names.Create(PatchList.FlatName(patch.Key), $"{label}{Extension}");
        var folder = rule.IsOwn && patch.Key.LastIndexOf('/') is >= 0 and var slash ? patch.Key[..(slash + 1)] : string.Empty;
        var target = $"{root}/{folder}{flat}{label}{Extension}";
        var slide = rule.Find(new TissuePatch(Path.GetFileNameWithoutExtension(target), $"/{target}", null, null), $"/{root}");
        return slide == patch.Slide || !rule.IsOwn ? new ExportedPatch(patch, consensus, mask, part, target, string.Empty) : throw new TissueDataException(
            patch.Path, $"The source pattern finds the slide '{patch.Slide}' here, and '{slide}' in the dataset, where the patch is {target}.", "Write the pattern so that it depends on the folders or on the start of the path.");
    }
}
