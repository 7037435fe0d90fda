using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Refuses weights that are no numbers before they reach a network, where they would surface as a loss that is none.</summary>
internal static class FiniteValues
{
    /// <summary>Reads every tensor of a file, one at a time, and checks that its values are finite numbers.</summary>
    /// <exception cref="WeightFileException">Values are damaged, NaN or infinite.</exception>
    public static void Require(WeightFile file)
    {
        foreach (var entry in file.Entries.Where(entry => ElementTypes.IsFloating(entry.DType)))
        {
            using var scope = NewDisposeScope();
            var values = file.Load(entry.Name);
            var finite = values.isfinite();
            if (!finite.all().item<bool>())
            {
                throw new WeightFileException(file.Name, $"{Describe(entry, values, finite.logical_not(), entry.DType)}.");
            }
        }
    }

    /// <summary>Reads every tensor to be loaded, one at a time, and checks its checksum and its values in the type that it will have.</summary>
    /// <exception cref="WeightFileException">Values are damaged, NaN, infinite, or too large for the network's element type.</exception>
    public static void Require(WeightFile file, IReadOnlyList<(StoredTensor Source, string Target)> pairs, Dictionary<string, Tensor> targets)
    {
        string? first = null;
        var others = 0;
        foreach ((var source, var target) in pairs)
        {
            if (!ElementTypes.IsFloating(source.Entry.DType))
            {
                file.Verify(source);
                continue;
            }

            using var scope = NewDisposeScope();
            var values = file.Load(source);
            var finite = values.to_type(targets[target].dtype).isfinite();
            if (finite.all().item<bool>())
            {
                continue;
            }

            if (first is null)
            {
                first = Describe(source.Entry, values, finite.logical_not(), targets[target].dtype);
            }
            else
            {
                others++;
            }
        }

        if (first is not null)
        {
            throw new WeightFileException(
                file.Name,
                $"{first}{(others > 0 ? $". So do {others} more tensors" : string.Empty)}. Such weights cannot be trained or used, and nothing was loaded. "
                + "The training that wrote them has diverged: use an earlier checkpoint.");
        }
    }

    private static string Describe(WeightEntry entry, Tensor values, Tensor bad, ScalarType target)
    {
        var nan = values.isnan().sum().item<long>();
        var infinite = values.isinf().sum().item<long>();
        var first = bad.reshape(-1).to_type(ScalarType.Byte).argmax().item<long>();
        var what = nan > 0 && infinite > 0 ? $"{nan} NaN and {infinite} infinite values"
            : nan > 0 ? $"{nan} NaN"
            : infinite > 0 ? $"{infinite} infinite values"
            : $"{bad.sum().item<long>()} values too large for {target}";
        return $"the tensor '{entry.Name}' holds {what} among its {entry.ElementCount} values, the first at index {first}";
    }
}
