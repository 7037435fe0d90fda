using System.Globalization;
using System.Numerics;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Finds the state dict in a checkpoint, and checks each of its tensors against its storage.</summary>
internal static class TorchStateDict
{
    private const int MaxNesting = 4;
    private const int MaxMetadataKeyLength = 256;
    private const int EntryBytes = 192;

    // The names under which training programs keep the weights beside epoch, optimizer and scores.
    private static readonly string[] NestedNames = ["state_dict", "model_state_dict", "model", "network", "net"];

    public static ParsedWeights Collect(ByteSource source, ParseBudget budget, WeightFileFormat format, object? root)
    {
        if (root is not PickleDict rootDict)
        {
            throw source.Fail("its pickle is no dictionary of tensors. Save the state dict: torch.save(model.state_dict(), path).");
        }

        PickleDict stateDict = rootDict;
        for (int depth = 0; depth < MaxNesting && FindNested(stateDict) is { } nested; depth++)
        {
            stateDict = nested;
        }

        var tensors = new List<StoredTensor>();
        foreach ((object? key, object? value) in stateDict)
        {
            if (key is string name && value is PickledTensor tensor)
            {
                if (name.Length > StoredTensor.MaxNameLength)
                {
                    throw source.Fail($"has a tensor name of {name.Length} characters; expected at most {StoredTensor.MaxNameLength}. The file is damaged.");
                }

                budget.Charge(EntryBytes + (2L * name.Length), tensor.View.Storage.Offset);
                tensors.Add(Locate(source, name, tensor));
            }
        }

        if (tensors.Count == 0)
        {
            throw source.Fail(
                "holds no tensors by name, neither at its root nor under "
                + $"{string.Join(", ", NestedNames.Select(name => $"'{name}'"))}. Save the state dict: torch.save(model.state_dict(), path).");
        }

        Dictionary<string, string> metadata = ReferenceEquals(stateDict, rootDict) ? [] : CollectMetadata(rootDict, budget);
        return new ParsedWeights(format, tensors, metadata);
    }

    private static PickleDict? FindNested(PickleDict dict)
    {
        foreach (string name in NestedNames)
        {
            if (dict.TryGet(name, out object? value) && value is PickleDict nested && HasTensorsWithin(nested))
            {
                return nested;
            }
        }

        return null;
    }

    private static bool HasTensorsWithin(PickleDict dict) =>
        dict.Exists(item => item.Value is PickledTensor || (item.Key is string key && item.Value is PickleDict && NestedNames.Contains(key)));

    private static StoredTensor Locate(ByteSource source, string name, PickledTensor tensor)
    {
        TensorStorage storage = tensor.View.Storage;
        try
        {
            var entry = new WeightEntry(name, tensor.Shape, tensor.Type);
            int size = ElementTypes.SizeOf(tensor.Type);
            long viewStart = checked(tensor.View.FirstElement * storage.ElementSize);
            long viewBytes = checked(tensor.View.ElementCount * storage.ElementSize);
            long first = checked(tensor.FirstElement * size);
            var stored = new StoredTensor(entry, checked(storage.Offset + viewStart + first), DenseOrNull(tensor), storage.Record);
            long span = checked(stored.ElementSpan * size);
            if (entry.ElementCount > 0 && (first > viewBytes || span > viewBytes - first))
            {
                throw source.Fail(
                    $"the tensor '{name}' {ElementTypes.FormatShape(tensor.Shape)} with strides {ElementTypes.FormatShape(tensor.Strides)} "
                    + $"from element {tensor.FirstElement} reaches beyond the {viewBytes} bytes of its storage '{storage.Key}'; the file is damaged.");
            }

            // An expanded tensor repeats its elements, which could make a small file fill the memory.
            if (checked(entry.ElementCount * size) > source.Length || (stored.Strides is not null && span > Array.MaxLength))
            {
                throw source.Fail(
                    $"the tensor '{name}' {ElementTypes.FormatShape(tensor.Shape)} with strides {ElementTypes.FormatShape(tensor.Strides)} "
                    + "would be larger than its file; make it contiguous before saving.");
            }

            return stored;
        }
        catch (OverflowException e)
        {
            throw source.Fail(
                $"the tensor '{name}' {ElementTypes.FormatShape(tensor.Shape)} with strides {ElementTypes.FormatShape(tensor.Strides)} "
                + "is larger than any file; the file is damaged.",
                e);
        }
    }

    private static long[]? DenseOrNull(PickledTensor tensor)
    {
        long[] dense = ElementTypes.ContiguousStrides(tensor.Shape);
        for (int i = 0; i < dense.Length; i++)
        {
            if (tensor.Shape[i] > 1 && tensor.Strides[i] != dense[i])
            {
                return tensor.Strides;
            }
        }

        return null;
    }

    private static Dictionary<string, string> CollectMetadata(PickleDict root, ParseBudget budget)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((object? key, object? value) in root)
        {
            if (key is string { Length: <= MaxMetadataKeyLength } name && value is string or long or double or bool or BigInteger)
            {
                budget.Charge(EntryBytes, 0);
                metadata[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
            }
        }

        return metadata;
    }
}
