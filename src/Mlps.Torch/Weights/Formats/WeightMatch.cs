using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>The comparison of a file with a module's state dict, done on descriptions alone.</summary>
internal sealed class WeightMatch
{
    private const string DataParallelPrefix = "module.";
    private const string BatchCounterSuffix = ".num_batches_tracked";

    private WeightMatch(WeightLoadReport report, IReadOnlyList<(string Source, string Target)> pairs)
    {
        Report = report;
        Pairs = pairs;
    }

    public WeightLoadReport Report { get; }

    /// <summary>Names in the file and in the module of the tensors to copy, in the module's order.</summary>
    public IReadOnlyList<(string Source, string Target)> Pairs { get; }

    public static WeightMatch Compare(WeightFile file, IReadOnlyList<WeightEntry> targets, WeightLoadOptions options)
    {
        Dictionary<string, WeightEntry> sources = MapNames(file, options);
        var pairs = new List<(string, string)>();
        var missing = new List<string>();
        var wrongShape = new List<WeightShapeDifference>();
        var wrongType = new List<WeightTypeDifference>();
        var converted = new List<WeightTypeDifference>();
        var excluded = new List<string>();
        var missingCounters = new List<string>();
        foreach (WeightEntry target in targets)
        {
            bool found = sources.Remove(target.Name, out WeightEntry? source);
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
                pairs.Add((source.Name, target.Name));
                if (source.DType != target.DType)
                {
                    converted.Add(new WeightTypeDifference(target.Name, target.DType, source.DType));
                }
            }
        }

        var report = new WeightLoadReport
        {
            File = file.Name,
            Matched = [.. pairs.Select(pair => pair.Item2)],
            Missing = missing,
            Unexpected = [.. sources.Where(item => !options.IsExcluded(item.Key)).Select(item => item.Value.Name)],
            WrongShape = wrongShape,
            WrongType = wrongType,
            Converted = converted,
            Excluded = excluded,
            MissingCounters = missingCounters,
        };
        return new WeightMatch(report, pairs);
    }

    public void ThrowIfUnfit(WeightLoadOptions options)
    {
        if (!options.AllowPartial && !Report.IsComplete)
        {
            throw new WeightMismatchException(
                $"does not fit the module, and nothing was loaded. Use the file of this network, or set {nameof(WeightLoadOptions)}."
                + $"{nameof(WeightLoadOptions.AllowPartial)} to load what matches.",
                Report);
        }

        if (Pairs.Count == 0)
        {
            throw new WeightMismatchException("has no tensor that fits the module, so nothing was loaded.", Report);
        }
    }

    private static Dictionary<string, WeightEntry> MapNames(WeightFile file, WeightLoadOptions options)
    {
        bool strip = options.StripDataParallelPrefix
            && file.Entries.All(entry => entry.Name.StartsWith(DataParallelPrefix, StringComparison.Ordinal));
        var sources = new Dictionary<string, WeightEntry>(StringComparer.Ordinal);
        foreach (WeightEntry entry in file.Entries)
        {
            string stripped = strip ? entry.Name[DataParallelPrefix.Length..] : entry.Name;
            string? mapped = options.MapName is null ? stripped : options.MapName(stripped);
            if (mapped is not null && !sources.TryAdd(mapped, entry))
            {
                throw new WeightFileException(
                    file.Name, $"its tensors '{sources[mapped].Name}' and '{entry.Name}' both map to the name '{mapped}'; correct the name mapping.");
            }
        }

        return sources;
    }

    private static bool CanConvert(ScalarType from, ScalarType to) =>
        from == to
        || (ElementTypes.IsFloating(from) && ElementTypes.IsFloating(to))
        || (ElementTypes.IsInteger(from) && ElementTypes.IsInteger(to));
}
