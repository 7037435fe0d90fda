namespace Mlps.Torch.Weights.Formats;

/// <summary>Checks a pickled tensor against its storage, and says where its bytes lie.</summary>
internal static class TorchTensorLocation
{
    private const int EntryBytes = 192;

    /// <summary>Null, and the problem, where the file is sound and the tensor cannot be read even so.</summary>
    /// <exception cref="WeightFileException">The tensor does not lie within its storage.</exception>
    public static StoredTensor? Locate(ByteSource source, ParseBudget budget, string name, PickledTensor tensor, out string problem)
    {
        budget.Charge(EntryBytes + (2L * name.Length), 0);
        var storage = tensor.View.Storage;
        problem = string.Empty;
        try
        {
            var entry = new WeightEntry(name, tensor.Shape, tensor.Type);
            var size = ElementTypes.SizeOf(tensor.Type);
            var viewStart = checked(tensor.View.FirstElement * storage.ElementSize);
            var viewBytes = checked(tensor.View.ElementCount * storage.ElementSize);
            var first = checked(tensor.FirstElement * size);
            var stored = new StoredTensor(entry, checked(storage.Offset + viewStart + first), DenseOrNull(tensor), storage.Record);
            var span = checked(stored.ElementSpan * size);
            if (entry.ElementCount > 0 && (first > viewBytes || span > viewBytes - first))
            {
                throw source.Fail(
                    $"the tensor '{name}' {ElementTypes.FormatShape(tensor.Shape)} with strides {ElementTypes.FormatShape(tensor.Strides)} "
                    + $"from element {tensor.FirstElement} reaches beyond the {viewBytes} bytes of its storage '{storage.Key}'; the file is damaged.");
            }

            // An expanded tensor repeats its elements, which could make a small file fill the memory.
            if (checked(entry.ElementCount * size) > source.Length || (stored.Strides is not null && span > Array.MaxLength))
            {
                problem = $"{ElementTypes.FormatShape(tensor.Shape)} with strides {ElementTypes.FormatShape(tensor.Strides)} "
                    + "would be larger than its file; make it contiguous before saving";
                return null;
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
        var dense = ElementTypes.ContiguousStrides(tensor.Shape);
        for (var i = 0; i < dense.Length; i++)
        {
            if (tensor.Shape[i] > 1 && tensor.Strides[i] != dense[i])
            {
                return tensor.Strides;
            }
        }

        return null;
    }
}
