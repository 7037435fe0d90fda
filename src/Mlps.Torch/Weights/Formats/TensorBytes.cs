using static TorchSharp.torch;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Copies the values of stored tensors into dense row-major memory.</summary>
internal static class TensorBytes
{
    /// <summary>Checks what can be checked without keeping the values: the record's checksum.</summary>
    public static void VerifyRecord(ByteSource source, StoredTensor tensor)
    {
        if (tensor.Record is { } record)
        {
            RecordChecksum.Verify(source, record, $"the storage of the tensor '{tensor.Entry.Name}'");
        }
    }

    /// <summary>Reads the elements from <paramref name="firstElement"/> that fill the destination; some tensors only as a whole (<see cref="StoredTensor.IsReadWhole"/>).</summary>
    public static void Read(ByteSource source, StoredTensor tensor, long firstElement, Span<byte> destination)
    {
        if (tensor.Fields is { } fields)
        {
            fields.Read(source, tensor.Entry, destination);
        }
        else if (tensor.Strides is null)
        {
            source.Read(tensor.Offset + (firstElement * ElementTypes.SizeOf(tensor.Entry.DType)), destination);
        }
        else if (!destination.IsEmpty)
        {
            ReadStrided(source, tensor, tensor.Strides, destination);
        }

        if (tensor.Entry.DType == ScalarType.Bool && destination.ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            throw source.Fail($"the boolean tensor '{tensor.Entry.Name}' holds values other than 0 and 1; the file is damaged.");
        }
    }

    private static void ReadStrided(ByteSource source, StoredTensor tensor, long[] strides, Span<byte> destination)
    {
        var size = ElementTypes.SizeOf(tensor.Entry.DType);
        var region = new byte[checked((int)(tensor.ElementSpan * size))];
        source.Read(tensor.Offset, region);

        var shape = tensor.Entry.Shape;
        var index = new long[shape.Count];
        long from = 0;
        for (var to = 0; to < destination.Length; to += size)
        {
            region.AsSpan((int)from * size, size).CopyTo(destination[to..]);
            for (var axis = shape.Count - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                from -= index[axis] * strides[axis];
                index[axis] = 0;
            }
        }
    }
}
