namespace Mlps.Torch.Weights.Formats;

/// <summary>The group of a file that fits a network best, and how its names fit.</summary>
/// <param name="Group">The group.</param>
/// <param name="Names">Its names in the network.</param>
/// <param name="EquallyFitting">Other groups that fit as well, and come after it by the documented order.</param>
internal sealed record WeightGroupChoice(WeightGroup Group, WeightNames Names, IReadOnlyList<string> EquallyFitting)
{
    private const int MaxAncestors = 32;

    /// <summary>Chooses among the groups of a file.</summary>
    /// <exception cref="WeightFileException">The options name a group that the file has not, or several groups fit equally well and no rule prefers one.</exception>
    public static WeightGroupChoice Make(WeightFile file, IReadOnlyList<WeightEntry> targets, WeightLoadOptions options)
    {
        var fit = new WeightNameFit(targets, options);
        Candidate[] candidates = [.. Groups(file, options).Select(group => new Candidate(group, fit.Find(Entries(group))))];
        var best = Ordered(candidates)[0];
        if (options.Group is null && best.Names.Matched < targets.Count(target => !options.IsExcluded(target.Name)))
        {
            // The network may be spread over several dictionaries, as {"encoder": {…}, "head": {…}} is.
            var whole = Ordered([.. Merged(file.Groups).Select(group => new Candidate(group, fit.Find(Entries(group))))]).FirstOrDefault();
            best = whole is not null && whole.Names.Matched > best.Names.Matched ? whole : best;
        }

        // Of a file for another network, the mismatch is the error, not that several sets share it.
        var fits = 2 * best.Names.Matched > targets.Count(target => !options.IsExcluded(target.Name));
        Candidate[] equals = [.. candidates.Where(other => other != best && other.Fit == best.Fit && best.Names.Matched > 0 && !SameValues(other.Group, best.Group))];
        if (fits && options.Group is null && equals.FirstOrDefault(other => other.Preference == best.Preference) is { } rival)
        {
            throw new WeightFileException(
                file.Name,
                $"holds several sets of weights that fit the network equally well: {Quote(best.Group)} and {Quote(rival.Group)}. Choose one with {nameof(WeightLoadOptions)}.{nameof(WeightLoadOptions.Group)}, "
                + $"or save it alone in Python: torch.save(torch.load(path, map_location='cpu'){Index(best.Group)}, 'weights.pth').");
        }

        if (fits && best.Names.Rivals.Count > 0)
        {
            throw new WeightFileException(
                file.Name,
                $"holds several sets of weights that fit the network equally well, under the prefixes '{best.Names.Prefixes[0]}' and {string.Join(" and ", best.Names.Rivals.Select(prefix => $"'{prefix}'"))}. "
                + $"Choose one with {nameof(WeightLoadOptions)}.{nameof(WeightLoadOptions.Prefix)}, or save the tensors of one alone.");
        }

        return new WeightGroupChoice(best.Group, best.Names, [.. equals.Select(other => Quote(other.Group))]);
    }

    /// <summary>A group's name for messages.</summary>
    public static string Quote(WeightGroup group) => group.Name.Length == 0 ? "the root" : $"'{group.Name}'";

    private static WeightEntry[] Entries(WeightGroup group) => [.. group.Tensors.Select(tensor => tensor.Entry)];

    private static IEnumerable<WeightGroup> Groups(WeightFile file, WeightLoadOptions options)
    {
        if (options.Group is not { } name)
        {
            return file.Groups.Where(group => group.Tensors.Count > 0);
        }

        WeightGroup[] named = [.. file.Groups.Concat(Merged(file.Groups)).Where(group => group.Tensors.Count > 0 && group.Name == name).Take(1)];
        return named.Length > 0
            ? named
            : throw new WeightFileException(
                file.Name,
                $"has no tensors at '{name}' ({nameof(WeightLoadOptions)}.{nameof(WeightLoadOptions.Group)}); it has some at "
                + $"{string.Join(", ", file.Groups.Where(group => group.Tensors.Count > 0).Select(Quote))}.");
    }

    private static Candidate[] Ordered(Candidate[] candidates) =>
        [.. candidates.OrderByDescending(candidate => candidate.Fit).ThenBy(candidate => candidate.Preference).ThenBy(candidate => candidate.Group.Path.Count)];

    /// <summary>Two names for the same bytes are no rivals.</summary>
    private static bool SameValues(WeightGroup one, WeightGroup other)
    {
        Dictionary<long, int> Offsets(WeightGroup group) => group.Tensors.GroupBy(tensor => tensor.Offset).ToDictionary(tensors => tensors.Key, tensors => tensors.Count());
        Dictionary<long, int> left = Offsets(one), right = Offsets(other);
        return left.Count == right.Count && left.All(item => right.TryGetValue(item.Key, out var count) && count == item.Value);
    }

    /// <summary>For every dictionary above several groups, all that lies below it as one, with dotted names; optimizers and averages left out.</summary>
    private static IEnumerable<WeightGroup> Merged(IReadOnlyList<WeightGroup> groups)
    {
        WeightGroup[] parts = [.. groups.Where(group => group.Role is WeightRole.Weights or WeightRole.Unknown)];
        var ancestors = new List<IReadOnlyList<string>>();
        foreach (var part in parts)
        {
            for (var depth = 0; depth < part.Path.Count && ancestors.Count < MaxAncestors; depth++)
            {
                string[] ancestor = [.. part.Path.Take(depth)];
                if (!ancestors.Exists(known => known.SequenceEqual(ancestor)))
                {
                    ancestors.Add(ancestor);
                }
            }
        }

        return ancestors.Select(ancestor => Merge(ancestor, [.. parts.Where(part => part.Path.Take(ancestor.Count).SequenceEqual(ancestor))]))
            .OfType<WeightGroup>();
    }

    private static WeightGroup? Merge(IReadOnlyList<string> ancestor, WeightGroup[] parts)
    {
        StoredTensor[] tensors =
        [
            .. parts.SelectMany(part => part.Tensors.Select(tensor => tensor with
            {
                Entry = new WeightEntry(Name(part, tensor.Entry.Name), [.. tensor.Entry.Shape], tensor.Entry.DType),
            })),
        ];
        UnreadableWeight[] unreadable = [.. parts.SelectMany(part => part.Unreadable.Select(weight => weight with { Name = Name(part, weight.Name) }))];
        return tensors.Select(tensor => tensor.Entry.Name).Distinct(StringComparer.Ordinal).Count() == tensors.Length
            ? new WeightGroup(ancestor, tensors, unreadable)
            : null;

        string Name(WeightGroup part, string name) =>
            string.Join('.', part.Path.Skip(ancestor.Count).Select(key => key.Trim('[', ']')).Append(name));
    }

    private static string Index(WeightGroup group) => string.Concat(group.Path.Select(key => key.StartsWith('[') ? key : $"['{key}']"));

    private sealed record Candidate(WeightGroup Group, WeightNames Names)
    {
        /// <summary>More tensors that match, then fewer that do not, is better.</summary>
        public (int Matched, int Surplus) Fit => (Names.Matched, -Names.Unexpected);

        public (WeightRole Role, int Rank) Preference { get; } = (Group.Role, WeightRoles.Rank(Group.Path));
    }
}
