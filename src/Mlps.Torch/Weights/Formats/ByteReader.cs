using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads a range of a <see cref="ByteSource"/> from front to back through one small buffer.</summary>
internal sealed class ByteReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ByteSource _source;
    private readonly long _end;
    private readonly byte[] _buffer = new byte[4096];
    private long _bufferStart;
    private int _bufferLength;
    private int _next;

    public ByteReader(ByteSource source, long start, long end)
    {
        if (start < 0 || start > end || end > source.Length)
        {
            throw source.EndsTooEarly(start, end - start);
        }

        _source = source;
        _end = end;
        _bufferStart = start;
    }

    /// <summary>Absolute offset in the file of the next byte.</summary>
    public long Position => _bufferStart + _next;

    public long Remaining => _end - Position;

    public byte ReadByte()
    {
        if (_next == _bufferLength)
        {
            Refill();
        }

        return _buffer[_next++];
    }

    public ushort ReadUInt16()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public int ReadInt32() => unchecked((int)ReadUInt32());

    public uint ReadUInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public long ReadInt64() => unchecked((long)ReadUInt64());

    public ulong ReadUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public void Read(Span<byte> destination)
    {
        Require(destination.Length);
        while (!destination.IsEmpty)
        {
            if (_next == _bufferLength)
            {
                Refill();
            }

            var count = Math.Min(destination.Length, _bufferLength - _next);
            _buffer.AsSpan(_next, count).CopyTo(destination);
            _next += count;
            destination = destination[count..];
        }
    }

    /// <summary>Reads UTF-8 text of so many bytes; both its presence and its memory are checked before it is allocated.</summary>
    public string ReadText(ulong byteCount, ParseBudget budget)
    {
        var bytes = ReadArray(byteCount, budget);
        budget.ChargeText(bytes.Length, Position);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (ArgumentException e)
        {
            throw _source.Fail($"text at offset {Position - bytes.Length} is not UTF-8; the file is damaged.", e);
        }
    }

    /// <summary>Reads so many bytes; both their presence and their memory are checked before they are allocated.</summary>
    public byte[] ReadArray(ulong byteCount, ParseBudget budget)
    {
        if (byteCount > (ulong)Remaining || byteCount > int.MaxValue)
        {
            throw _source.Fail(
                $"a length of {byteCount} at offset {Position} exceeds the {Remaining} bytes left in its part of the file; "
                + "the file is truncated or damaged.");
        }

        budget.Charge((long)byteCount, Position);
        var bytes = new byte[byteCount];
        Read(bytes);
        return bytes;
    }

    public void Skip(long count)
    {
        Require(count);
        var target = Position + count;
        if (target <= _bufferStart + _bufferLength)
        {
            _next += (int)count;
            return;
        }

        _bufferStart = target;
        _bufferLength = 0;
        _next = 0;
    }

    /// <exception cref="WeightFileException">Fewer bytes are left.</exception>
    public void Require(long count)
    {
        if (count < 0 || count > Remaining)
        {
            throw _end == _source.Length
                ? _source.EndsTooEarly(Position, count)
                : _source.Fail($"{count} bytes were expected at offset {Position}, but that part of the file ends at offset {_end}; the file is damaged.");
        }
    }

    private void Refill()
    {
        Require(1);
        _bufferStart += _bufferLength;
        _bufferLength = 0;
        _next = 0;
        var count = (int)Math.Min(_buffer.Length, _end - _bufferStart);
        _source.Read(_bufferStart, _buffer.AsSpan(0, count));
        _bufferLength = count;
    }
}
