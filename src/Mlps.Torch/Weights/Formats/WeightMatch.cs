using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>The comparison of a file with a module's state dict, done on descriptions alone.</summary>
internal sealed partial class WeightMatch
{
    private const string BatchCounterSuffix = ".num_batches_tracked";

    private WeightMatch(WeightLoadReport report, IReadOnlyList<(StoredTensor Source, string Target)> pairs)
    {
        Report = report;
        Pairs = pairs;
    }

    public WeightLoadReport Report { get; }

    /// <summary>The tensors to copy, with their names in the module, in the module's order.</summary>
    public IReadOnlyList<(StoredTensor Source, string Target)> Pairs { get; }

    public static WeightMatch Compare(WeightFile file, IReadOnlyList<WeightEntry> targets, WeightLoadOptions options)
    {
        var choice = WeightGroupChoice.Make(file, targets, options);
        var sources = MapNames(file, choice, out var passedOver);
        var pairs = new List<(StoredTensor, string)>();
        var missing = new List<string>();
        var wrongShape = new List<WeightShapeDifference>();
        var wrongType = new List<WeightTypeDifference>();
        var converted = new List<WeightTypeDifference>();
        var excluded = new List<string>();
        var missingCounters = new List<string>();
        foreach (var target in targets)
        {
            var found = sources.Remove(target.Name, out var stored);
            var source = stored?.Entry;
            if (options.IsExcluded(target.Name))
            {
                excluded.Add(target.Name);
            }
            else if (!found)
            {
                (target.Name.EndsWith(BatchCounterSuffix, StringComparison.Ordinal) ? missingCounters : missing).Add(target.Name);
            }
            else if (!source!.Shape.SequenceEqual(target.Shape))
            {
                wrongShape.Add(new WeightShapeDifference(target.Name, target.Shape, source.Shape));
            }
            else if (!CanConvert(source.DType, target.DType))
            {
                wrongType.Add(new WeightTypeDifference(target.Name, target.DType, source.DType));
            }
            else
            {
                pairs.Add((stored!, target.Name));
                if (source.DType != target.DType)
                {
                    converted.Add(new WeightTypeDifference(target.Name, target.DType, source.DType));
                }
            }
        }

        // Beside a network that is complete, tensors outside the prefix belong to something else: a loss, a metric.
        var complete = missing.Count == 0 && wrongShape.Count == 0 && wrongType.Count == 0;
        string[] unexpected = [.. sources.Where(item => !options.IsExcluded(item.Key)).Select(item => item.Value.Entry.Name)];
        var report = new WeightLoadReport
        {
            File = file.Name,
            Matched = [.. pairs.Select(pair => pair.Item2)],
            Missing = missing,
            Unexpected = complete ? unexpected : [.. unexpected, .. passedOver],
            WrongShape = wrongShape,
            WrongType = wrongType,
            Converted = converted,
            Excluded = excluded,
            MissingCounters = missingCounters,
            Group = choice.Group.Name,
            StrippedPrefixes = choice.Names.Prefixes,
            PassedOver = complete ? passedOver : [],
            EquallyFitting = choice.EquallyFitting,
            SkippedObjects = file.SkippedObjects,
        };
        RequireReadable(file, choice, missing, options);
        return new WeightMatch(report, pairs);
    }

    public void ThrowIfUnfit(WeightFile file, WeightLoadOptions options)
    {
        if (!options.AllowPartial && !Report.IsComplete)
        {
            throw new WeightMismatchException(
                $"does not fit the module, and nothing was loaded. {ShardHint(file)}Use the file of this network, or set {nameof(WeightLoadOptions)}."
                + $"{nameof(WeightLoadOptions.AllowPartial)} to load what matches.",
                Report);
        }

        if (Pairs.Count == 0)
        {
            throw new WeightMismatchException("has no tensor that fits the module, so nothing was loaded.", Report);
        }
    }

    private static string ShardHint(WeightFile file) => Shard().Match(file.Name) is { Success: true } shard
        ? $"By its name it is part {int.Parse(shard.Groups[1].Value, CultureInfo.InvariantCulture)} of {int.Parse(shard.Groups[2].Value, CultureInfo.InvariantCulture)} of the weights: join the parts into one file first. "
        : string.Empty;

    [GeneratedRegex("-([0-9]{5})-of-([0-9]{5})\\.[a-z]+\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shard();

    private static Dictionary<string, StoredTensor> MapNames(WeightFile file, WeightGroupChoice choice, out List<string> passedOver)
    {
        var sources = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        passedOver = [];
        for (var i = 0; i < choice.Group.Tensors.Count; i++)
        {
            var stored = choice.Group.Tensors[i];
            if (choice.Names.Targets[i] is not { } target)
            {
                if (choice.Names.Prefixes.Count > 0 && !choice.Names.Prefixes.Any(prefix => stored.Entry.Name.StartsWith(prefix, StringComparison.Ordinal)))
                {
                    passedOver.Add(stored.Entry.Name);
                }
            }
            else if (!sources.TryAdd(target, stored))
            {
                throw new WeightFileException(
                    file.Name, $"its tensors '{sources[target].Entry.Name}' and '{stored.Entry.Name}' both map to the name '{target}'; correct the name mapping.");
            }
        }

        return sources;
    }

    /// <summary>A tensor that is missing since the file holds something unreadable in its place has another cause than one that is not there.</summary>
    private static void RequireReadable(WeightFile file, WeightGroupChoice choice, List<string> missing, WeightLoadOptions options)
    {
        if (options.AllowPartial || choice.Group.Unreadable.Count == 0)
        {
            return;
        }

        var wanted = missing.ToHashSet(StringComparer.Ordinal);
        UnreadableWeight[] unreadable =
        [
            .. choice.Group.Unreadable.Where(weight => wanted.Contains(weight.Name)
                || choice.Names.Prefixes.Any(prefix => weight.Name.StartsWith(prefix, StringComparison.Ordinal) && wanted.Contains(weight.Name[prefix.Length..]))),
        ];
        if (unreadable.Length > 0)
        {
            throw new WeightFileException(
                file.Name,
                $"the tensor '{unreadable[0].Name}' {unreadable[0].Problem}{(unreadable.Length > 1 ? $". Likewise {unreadable.Length - 1} more tensors that the network needs" : string.Empty)}. Nothing was loaded.");
        }
    }

    private static bool CanConvert(ScalarType from, ScalarType to) =>
        from == to
        || (ElementTypes.IsFloating(from) && ElementTypes.IsFloating(to))
        || (ElementTypes.IsInteger(from) && ElementTypes.IsInteger(to));
}
