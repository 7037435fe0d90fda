using Google.Protobuf;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Walks through the fields of a protocol buffer's messages from front to back, and keeps nothing of what it passes.</summary>
/// <remarks>
/// Generated parsers make an object for every submessage, however empty: a file of two-byte nodes would take fifty times its length. Google's own
/// <see cref="CodedInputStream"/> copies what it skips. This walk seeks over values, so it takes a buffer of a few KiB for any file.
/// </remarks>
internal sealed class ProtobufReader(ByteSource source, long start, long end)
{
    private const int BitsPerByte = 7;
    private const int MaxVarintBits = 64;

    private readonly ByteReader _bytes = new(source, start, end);
    private long _end = end;

    /// <summary>Absolute offset in the file of the next byte.</summary>
    public long Position => _bytes.Position;

    /// <summary>Bytes left of the innermost message that was entered.</summary>
    public long Remaining => _end - Position;

    /// <summary>Reads the next field's number and wire type; false at the end of the message.</summary>
    public bool Next(out int field, out WireFormat.WireType type)
    {
        field = 0;
        type = default;
        if (Remaining == 0)
        {
            return false;
        }

        var at = Position;
        var tag = ReadVarint();
        field = tag <= uint.MaxValue ? WireFormat.GetTagFieldNumber((uint)tag) : 0;
        type = WireFormat.GetTagWireType((uint)tag);
        return field > 0
            ? true
            : throw source.Fail($"offset {at} of the ONNX model holds no field of a protocol buffer; the file is damaged.");
    }

    /// <summary>Enters the message, or the packed numbers, that a length precedes.</summary>
    /// <returns>The outer message's end, for <see cref="Leave"/>.</returns>
    public long Enter()
    {
        var length = ReadLength();
        var outer = _end;
        _end = Position + length;
        return outer;
    }

    /// <summary>Leaves the innermost message, passing over what is left of it.</summary>
    public void Leave(long outer)
    {
        _bytes.Skip(Remaining);
        _end = outer;
    }

    /// <summary>Passes over the value of a field.</summary>
    public void Skip(WireFormat.WireType type)
    {
        switch (type)
        {
            case WireFormat.WireType.Varint:
                ReadVarint();
                break;
            case WireFormat.WireType.Fixed32:
                SkipBytes(sizeof(uint));
                break;
            case WireFormat.WireType.Fixed64:
                SkipBytes(sizeof(ulong));
                break;
            case WireFormat.WireType.LengthDelimited:
                _bytes.Skip(ReadLength());
                break;
            default:
                throw source.Fail($"a field before offset {Position} of the ONNX model has the wire type {(uint)type}, which ONNX does not use; the file is damaged.");
        }
    }

    /// <summary>Passes over bytes that a length precedes, and tells where they lie.</summary>
    public (long Start, long Length) SkipRange()
    {
        var length = ReadLength();
        var at = Position;
        _bytes.Skip(length);
        return (at, length);
    }

    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < MaxVarintBits; shift += BitsPerByte)
        {
            Require(1);
            var next = _bytes.ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw source.Fail($"a number before offset {Position} of the ONNX model is longer than 64 bits; the file is damaged.");
    }

    /// <summary>Fills the destination with bytes of the message.</summary>
    public void Read(Span<byte> destination)
    {
        Require(destination.Length);
        _bytes.Read(destination);
    }

    /// <summary>Reads a text that is at most so long; null, and passed over, where it is longer.</summary>
    public string? ReadText(int maxBytes, ParseBudget budget)
    {
        var length = ReadLength();
        if (length <= maxBytes)
        {
            return _bytes.ReadText((ulong)length, budget);
        }

        _bytes.Skip(length);
        return null;
    }

    private long ReadLength()
    {
        var length = ReadVarint();
        return length <= (ulong)Remaining ? (long)length : throw TooShort(length);
    }

    private void SkipBytes(long count)
    {
        Require(count);
        _bytes.Skip(count);
    }

    private void Require(long count)
    {
        if (count > Remaining)
        {
            throw TooShort((ulong)count);
        }
    }

    private WeightFileException TooShort(ulong wanted) => source.Fail(
        $"{wanted} bytes were expected at offset {Position} of the ONNX model, but {Remaining} are left of what holds them; "
        + "the file is truncated or damaged, copy or download it again.");
}
