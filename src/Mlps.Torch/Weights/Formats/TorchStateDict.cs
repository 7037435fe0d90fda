using System.Globalization;
using System.Numerics;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Makes groups of checked tensors of a PyTorch pickle, and chooses the one that is the file's as long as no network is known.</summary>
internal static class TorchStateDict
{
    private const int MaxMetadataKeyLength = 256;
    private const int MetadataBytes = 192;
    private const int MaxListed = 8;

    public static ParsedWeights Collect(ByteSource source, ParseBudget budget, WeightFileFormat format, object? root)
    {
        var search = new TorchGroupSearch(source, budget);
        search.Run(root);
        var best = search.Groups.Where(group => group.Tensors.Count > 0)
            .OrderBy(group => group.Role).ThenBy(group => WeightRoles.Rank(group.Path)).ThenByDescending(group => group.Tensors.Count)
            .FirstOrDefault();
        if (best is null)
        {
            throw source.Fail(Nothing(root, search));
        }

        var metadata = best.Path.Count > 0 && root is PickleDict dict ? CollectMetadata(dict, budget) : [];
        return new ParsedWeights(format, search.Groups, best, metadata, search.SkippedObjects);
    }

    private static string Nothing(object? root, TorchGroupSearch search)
    {
        const string Advice = "Save the state dict: torch.save(model.state_dict(), path).";
        var problem = root switch
        {
            PickledTensor => "its pickle is a single tensor, no dictionary of tensors.",
            UnsupportedTensor tensor => $"its pickle is a single tensor, which {tensor.Problem}; nothing was executed.",
            null or string or long or double or bool or byte[] or BigInteger => "its pickle is no dictionary of tensors.",
            _ => "holds no tensors by name, at any depth.",
        };
        UnreadableWeight[] unreadable = [.. search.Groups.SelectMany(group => group.Unreadable).Where(weight => weight.IsTensor)];
        if (unreadable.Length > 0)
        {
            problem += $" Its '{unreadable[0].Name}' {unreadable[0].Problem}{(unreadable.Length > 1 ? $"; likewise {unreadable.Length - 1} more" : string.Empty)}.";
        }

        if (search.NamelessTensors > 0)
        {
            problem += $" It holds {search.NamelessTensors} tensors without names, in lists, which tell nothing about their places.";
        }

        if (search.SkippedObjects.Count > 0)
        {
            problem += $" Passed over, and nothing was executed: {string.Join(", ", search.SkippedObjects.Take(MaxListed))}.";
        }

        return $"{problem} {Advice}";
    }

    private static Dictionary<string, string> CollectMetadata(PickleDict root, ParseBudget budget)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((var key, var value) in root)
        {
            if (key is string { Length: <= MaxMetadataKeyLength } name && value is string or long or double or bool or BigInteger)
            {
                budget.Charge(MetadataBytes, 0);
                metadata[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
            }
        }

        return metadata;
    }
}
