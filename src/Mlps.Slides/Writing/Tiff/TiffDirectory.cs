using System.Buffers.Binary;
using System.Text;

namespace Mlps.Slides;

/// <summary>The directory of one image of a TIFF file, and its bytes.</summary>
internal sealed class TiffDirectory
{
    private const ushort Ascii = 2;
    private const ushort Short = 3;
    private const ushort Long = 4;
    private const ushort Rational = 5;
    private const ushort Long8 = 16;

    private readonly bool _isBig;
    private readonly SortedDictionary<MaskTiffTag, (ushort Type, long Count, byte[] Value)> _entries = [];

    /// <param name="isBig">Whether the file is a BigTIFF.</param>
    public TiffDirectory(bool isBig) => _isBig = isBig;

    /// <summary>Sets 16-bit numbers.</summary>
    public void SetShorts(MaskTiffTag tag, params ReadOnlySpan<ushort> values)
    {
        var bytes = new byte[values.Length * sizeof(ushort)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * sizeof(ushort)), values[i]);
        }

        _entries[tag] = (Short, values.Length, bytes);
    }

    /// <summary>Sets a 32-bit number.</summary>
    public void SetLong(MaskTiffTag tag, int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _entries[tag] = (Long, 1, bytes);
    }

    /// <summary>Sets positions or lengths in the file: 32-bit numbers, in a BigTIFF 64-bit ones.</summary>
    public void SetOffsets(MaskTiffTag tag, ReadOnlySpan<long> values)
    {
        var size = _isBig ? sizeof(long) : sizeof(uint);
        var bytes = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++)
        {
            WriteOffset(bytes.AsSpan(i * size), values[i]);
        }

        _entries[tag] = (_isBig ? Long8 : Long, values.Length, bytes);
    }

    /// <summary>Sets a positive number as a fraction of 32-bit numbers.</summary>
    public void SetRational(MaskTiffTag tag, double value)
    {
        const double Limit = 1e9;
        var denominator = 1u;
        while (value * denominator * 10 < Limit && denominator < 1_000_000)
        {
            denominator *= 10;
        }

        var bytes = new byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Math.Clamp(Math.Round(value * denominator), 1, uint.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(uint)), denominator);
        _entries[tag] = (Rational, 1, bytes);
    }

    /// <summary>Sets a text.</summary>
    public void SetText(MaskTiffTag tag, string value)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(value), 0];
        _entries[tag] = (Ascii, bytes.Length, bytes);
    }

    /// <summary>The bytes of the directory and of the values that do not fit into it.</summary>
    /// <param name="position">Where they will stand in the file; even.</param>
    /// <param name="isLast">Whether no directory follows; the next one follows directly otherwise.</param>
    public byte[] ToBytes(long position, bool isLast)
    {
        var (countSize, offsetSize) = _isBig ? (sizeof(ulong), sizeof(ulong)) : (sizeof(ushort), sizeof(uint));
        var entrySize = 4 + (2 * offsetSize);
        var values = countSize + (_entries.Count * entrySize) + offsetSize;
        var bytes = new byte[Even(values + _entries.Values.Where(entry => entry.Value.Length > offsetSize).Sum(entry => Even(entry.Value.Length)))];
        if (_isBig)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, _entries.Count);
        }
        else
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)_entries.Count);
        }

        var at = countSize;
        var free = Even(values);
        foreach (var (tag, (type, count, value)) in _entries)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + sizeof(ushort)), type);
            WriteOffset(bytes.AsSpan(at + 4), count);
            if (value.Length > offsetSize)
            {
                WriteOffset(bytes.AsSpan(at + 4 + offsetSize), position + free);
                value.CopyTo(bytes, free);
                free += Even(value.Length);
            }
            else
            {
                value.CopyTo(bytes, at + 4 + offsetSize);
            }

            at += entrySize;
        }

        WriteOffset(bytes.AsSpan(at), isLast ? 0 : position + bytes.Length);
        return bytes;
    }

    private static int Even(int length) => length + (length % 2);

    private void WriteOffset(Span<byte> target, long value)
    {
        if (_isBig)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, checked((uint)value));
        }
    }
}
