namespace Mlps.Torch.Weights.Formats;

/// <summary>A tensor's description and where its bytes lie; all formats store them raw and little-endian, and ONNX may also store them one by one.</summary>
/// <param name="Entry">Name, shape and element type.</param>
/// <param name="Offset">Absolute offset in the file of the element at index 0.</param>
/// <param name="Strides">Strides in elements, all at least 0, or null for dense row-major.</param>
/// <param name="Record">The checksummed range of the file that holds the bytes, where the format has checksums.</param>
/// <param name="Fields">Where the values lie that are not raw bytes, or null.</param>
internal sealed record StoredTensor(WeightEntry Entry, long Offset, long[]? Strides = null, ChecksummedRecord? Record = null, FieldValues? Fields = null)
{
    /// <summary>Longest name that is taken, in any format; honest ones have a few dozen characters, and messages repeat them.</summary>
    public const int MaxNameLength = 4096;

    /// <summary>Whether the values can only be read all at once.</summary>
    public bool IsReadWhole => Strides is not null || Fields is not null;

    /// <summary>Elements from the first to the last one that the tensor touches, both included.</summary>
    public long ElementSpan
    {
        get
        {
            if (Strides is null || Entry.ElementCount == 0)
            {
                return Entry.ElementCount;
            }

            long last = 0;
            for (var i = 0; i < Strides.Length; i++)
            {
                last = checked(last + checked((Entry.Shape[i] - 1) * Strides[i]));
            }

            return checked(last + 1);
        }
    }
}
