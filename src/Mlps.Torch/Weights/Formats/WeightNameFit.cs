using System.Runtime.InteropServices;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Finds the names of a group's tensors in a network, by stripping the prefixes that fit best.</summary>
/// <remarks>
/// A prefix is whatever stands before a network's whole name: <c>module.</c>, <c>model._orig_mod.</c>. Every end of a name that is a name of the network
/// with that shape is a vote for what stands before it. Where the chosen prefix leaves places empty, others may fill them
/// (<c>arg:</c> and <c>aux:</c>; <c>encoder.</c> and <c>head.</c>), but never one that repeats a place: it is another copy of the weights.
/// </remarks>
internal sealed class WeightNameFit
{
    private const int MaxPrefixes = 8;

    // A prefix is one from a quarter of the names that could fit.
    private const double MinimumShare = 4;

    // What wrappers put into the middle of names: torch.compile, DataParallel, FSDP, activation checkpointing, DeepSpeed.
    private static readonly string[] Wrappers = ["_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module", "_original_module"];

    private readonly WeightLoadOptions _options;
    private readonly Dictionary<string, WeightEntry> _targets;
    private readonly Dictionary<string, WeightEntry>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly bool _targetsHaveWrappers;

    public WeightNameFit(IReadOnlyList<WeightEntry> targets, WeightLoadOptions options)
    {
        _options = options;
        _targets = targets.ToDictionary(target => target.Name, StringComparer.Ordinal);
        _lookup = _targets.GetAlternateLookup<ReadOnlySpan<char>>();
        _targetsHaveWrappers = targets.Any(target => target.Name.Split('.').Any(Wrappers.Contains));
    }

    public WeightNames Find(IReadOnlyList<WeightEntry> sources)
    {
        string[] names = [.. sources.Select(source => source.Name)];
        if (_options.Prefix is { } prefix)
        {
            return Score(sources, names, prefix.Length == 0 ? [] : [prefix], []);
        }

        if (_options.MapName is not null)
        {
            return CommonPrefixes(names).Select(common => Score(sources, names, common.Length == 0 ? [] : [common], [])).MaxBy(fit => fit.Matched)!;
        }

        var plain = Vote(sources, names);
        string[] unwrapped = [.. names.Select(Unwrap)];
        if (_targetsHaveWrappers || unwrapped.SequenceEqual(names) || unwrapped.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            return plain;
        }

        var better = Vote(sources, unwrapped);
        return better.Matched > plain.Matched
            ? better with { Prefixes = [.. better.Prefixes, .. Wrappers.Where(wrapper => names.Any(name => IsWithin(name, wrapper))).Select(wrapper => $"…{wrapper}.")] }
            : plain;
    }

    /// <summary>Names without the wrappers after their first part; wrappers at the start are ordinary prefixes.</summary>
    private static string Unwrap(string name)
    {
        var parts = name.Split('.');
        return string.Join('.', parts.Where((part, i) => i == 0 || i == parts.Length - 1 || !Wrappers.Contains(part)));
    }

    private static bool IsWithin(string name, string wrapper) => name.Contains($".{wrapper}.", StringComparison.Ordinal);

    /// <summary>Every whole number of leading parts that all names have, none included.</summary>
    private static IEnumerable<string> CommonPrefixes(string[] names)
    {
        yield return string.Empty;
        for (int end = 0, i = 0; i < MaxPrefixes && names.Length > 0 && (end = names[0].IndexOf('.', end) + 1) > 0; i++)
        {
            var prefix = names[0][..end];
            if (!Array.TrueForAll(names, name => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                yield break;
            }

            yield return prefix;
        }
    }

    private WeightNames Vote(IReadOnlyList<WeightEntry> sources, string[] names)
    {
        var votes = new Dictionary<string, (int Shapes, int Names)>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            CountVotes(names[i], sources[i], votes, _ => true);
        }

        // In a file of another network, a few names fit by accident; stripping what stands before them would only blur the report.
        var most = votes.Values.DefaultIfEmpty().Max();
        if (most.Names < Math.Min(names.Length, _targets.Count) / MinimumShare)
        {
            return Score(sources, names, [], []);
        }

        if (most.Names == 0)
        {
            return Score(sources, names, [], []);
        }

        string[] best = [.. votes.Where(vote => vote.Value == most).Select(vote => vote.Key).OrderBy(PrefixRole).ThenBy(PrefixRank).ThenBy(prefix => prefix.Length)];
        string[] rivals = best[0].Length == 0
            ? []
            : [.. best.Skip(1).Where(prefix => PrefixRole(prefix) == PrefixRole(best[0]) && PrefixRank(prefix) == PrefixRank(best[0]))];
        string[] prefixes = best[0].Length == 0 ? [] : [best[0], .. Others(sources, names, best[0])];
        return Score(sources, names, prefixes, rivals);
    }

    private void CountVotes(string name, WeightEntry source, Dictionary<string, (int Shapes, int Names)> votes, Func<string, bool> wanted)
    {
        for (var start = 0; start >= 0 && start < name.Length; start = NextPart(name, start))
        {
            if (_lookup.TryGetValue(name.AsSpan(start), out var target) && wanted(target.Name))
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(votes, name[..start], out _);
                count = (count.Shapes + (Fits(source, target) ? 1 : 0), count.Names + 1);
            }
        }
    }

    private static int NextPart(string name, int start)
    {
        var found = name.AsSpan(start).IndexOfAny('.', ':', '/');
        return found < 0 ? -1 : start + found + 1;
    }

    private static bool Fits(WeightEntry source, WeightEntry target) => source.Shape.SequenceEqual(target.Shape);

    /// <summary>Prefixes that fill places that the first one leaves empty, and none that it fills.</summary>
    private List<string> Others(IReadOnlyList<WeightEntry> sources, string[] names, string first)
    {
        var filled = new HashSet<string>(StringComparer.Ordinal);
        Fill(first);
        var others = new List<string>();
        while (others.Count < MaxPrefixes && filled.Count < _targets.Count)
        {
            var votes = new Dictionary<string, (int Shapes, int Names)>(StringComparer.Ordinal);
            for (var i = 0; i < names.Length; i++)
            {
                CountVotes(names[i], sources[i], votes, target => !filled.Contains(target));
            }

            var repeating = Repeating();
            var next = votes.Where(vote => vote.Key.Length > 0 && vote.Value.Shapes > 0 && !repeating.Contains(vote.Key))
                .OrderByDescending(vote => vote.Value).ThenBy(vote => vote.Key, StringComparer.Ordinal).Select(vote => vote.Key).FirstOrDefault();
            if (next is null)
            {
                break;
            }

            others.Add(next);
            Fill(next);
        }

        return others;

        void Fill(string prefix) => filled.UnionWith(names.Select(name => Strip(name, prefix)).OfType<string>().Where(_targets.ContainsKey));

        HashSet<string> Repeating()
        {
            var prefixes = new HashSet<string>(StringComparer.Ordinal);
            var filledTexts = filled.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var name in names)
            {
                for (var start = NextPart(name, 0); start >= 0 && start < name.Length; start = NextPart(name, start))
                {
                    if (filledTexts.Contains(name.AsSpan(start)))
                    {
                        prefixes.Add(name[..start]);
                    }
                }
            }

            return prefixes;
        }
    }

    private static string? Strip(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;

    private WeightNames Score(IReadOnlyList<WeightEntry> sources, string[] names, string[] prefixes, string[] rivals)
    {
        var targets = new string?[names.Length];
        int matched = 0, unexpected = 0;
        for (var i = 0; i < names.Length; i++)
        {
            var stripped = prefixes.Length == 0 ? names[i] : Strip(names[i], prefixes);
            var mapped = stripped is null || _options.IsIgnored(stripped) ? null
                : _options.MapName is null ? stripped : _options.MapName(stripped);
            targets[i] = mapped;
            if (mapped is not null && !_options.IsExcluded(mapped))
            {
                var fits = _targets.TryGetValue(mapped, out var target) && Fits(sources[i], target);
                matched += fits ? 1 : 0;
                unexpected += fits ? 0 : 1;
            }
        }

        return new WeightNames(prefixes, targets, matched, unexpected, rivals);
    }

    /// <summary>The name after the first prefix that leads to a tensor of the network, or else after the first prefix found.</summary>
    private string? Strip(string name, string[] prefixes)
    {
        string[] stripped = [.. prefixes.Select(prefix => Strip(name, prefix)).OfType<string>()];
        return Array.Find(stripped, _targets.ContainsKey) ?? stripped.FirstOrDefault();
    }

    private static WeightRole PrefixRole(string prefix) => WeightRoles.Find(Parts(prefix));

    private static int PrefixRank(string prefix) => WeightRoles.Rank(Parts(prefix));

    private static string[] Parts(string prefix) => prefix.Split(['.', ':', '/'], StringSplitOptions.RemoveEmptyEntries);
}
