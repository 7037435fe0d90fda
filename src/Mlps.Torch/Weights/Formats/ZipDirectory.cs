using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Weights.Formats;

/// <summary>Reads the central directory of a zip archive (zip64 included) whose records are stored, as PyTorch stores them.</summary>
/// <remarks>
/// Compressed records are refused, so nothing can grow while being read. Every record's local header has to agree with the directory,
/// so that no two readers can see different archives.
/// </remarks>
internal static class ZipDirectory
{
    private const uint LocalSignature = 0x04034b50;
    private const uint CentralSignature = 0x02014b50;
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint End64LocatorSignature = 0x07064b50;
    private const ushort Extra64 = 0x0001;
    private const uint In64 = uint.MaxValue;

    private const int LocalBytes = 30;
    private const int CentralBytes = 46;
    private const int EndBytes = 22;
    private const int End64Bytes = 56;
    private const int End64LocatorBytes = 20;
    private const int MaxNameBytes = 1024;
    private const int EntryBytes = 160;

    public static bool Recognises(ReadOnlySpan<byte> start) =>
        start.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(start) == LocalSignature;

    /// <summary>Every record by its name.</summary>
    public static Dictionary<string, ZipEntry> Read(ByteSource source, ParseBudget budget)
    {
        (var start, var length, var count) = FindDirectory(source);
        var reader = new ByteReader(source, start, start + length);
        if (count > (ulong)(length / CentralBytes))
        {
            throw Damaged(source, $"its directory of {length} bytes cannot list {count} records");
        }

        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        string? packed = null;
        var left = source.Length;
        for (ulong i = 0; i < count; i++)
        {
            var entry = ReadEntry(source, reader, budget, out var isPacked);
            packed ??= isPacked ? entry.Name : null;
            left -= entry.Length;
            if (left < 0)
            {
                // Records over the same bytes would make reading them all take far longer than the file is long.
                throw Damaged(source, $"its records up to '{entry.Name}' overlap");
            }

            if (!entries.TryAdd(entry.Name, entry))
            {
                throw Damaged(source, $"its directory lists the record '{entry.Name}' twice");
            }
        }

        if (packed is not null)
        {
            throw source.Fail(ZipKinds.Describe(entries.Keys)
                ?? $"its record '{packed}' is compressed or encrypted, which PyTorch never does and which could hide any size; it is refused. "
                + "Write the file with torch.save.");
        }

        return entries;
    }

    /// <summary>Where the directory lies, and how many records it lists.</summary>
    internal static (long Start, long Length, ulong Count) FindDirectory(ByteSource source)
    {
        var end = FindEnd(source);
        Span<byte> record = stackalloc byte[End64Bytes];
        source.Read(end, record[..EndBytes]);
        ulong count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        ulong length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        ulong start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);

        var locator = end - End64LocatorBytes;
        if (locator >= 0)
        {
            source.Read(locator, record[..End64LocatorBytes]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(record) == End64LocatorSignature)
            {
                var end64 = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
                if (end64 > (ulong)source.Length)
                {
                    throw Damaged(source, $"its zip64 end record should lie at offset {end64}");
                }

                source.Read((long)end64, record);
                if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature)
                {
                    throw Damaged(source, $"no zip64 end record lies at offset {end64}");
                }

                count = BinaryPrimitives.ReadUInt64LittleEndian(record[32..]);
                length = BinaryPrimitives.ReadUInt64LittleEndian(record[40..]);
                start = BinaryPrimitives.ReadUInt64LittleEndian(record[48..]);
            }
        }

        if (start > (ulong)end || length > (ulong)end - start)
        {
            throw Damaged(source, $"its directory should lie at offset {start} with {length} bytes");
        }

        return ((long)start, (long)length, count);
    }

    private static long FindEnd(ByteSource source)
    {
        // The end record is followed by a comment of at most 64 KiB, whose length it states.
        var tail = new byte[(int)Math.Min(source.Length, EndBytes + ushort.MaxValue)];
        var tailStart = source.Length - tail.Length;
        source.Read(tailStart, tail);
        for (var i = tail.Length - EndBytes; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(i + 20)) == tail.Length - EndBytes - i)
            {
                return tailStart + i;
            }
        }

        throw source.Fail("is a zip archive without a directory at its end; it is truncated. Copy or download it again.");
    }

    private static ZipEntry ReadEntry(ByteSource source, ByteReader reader, ParseBudget budget, out bool isPacked)
    {
        var at = reader.Position;
        Span<byte> header = stackalloc byte[CentralBytes];
        reader.Read(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != CentralSignature)
        {
            throw Damaged(source, $"no directory entry lies at offset {at}");
        }

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        var method = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        ulong packed = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        ulong length = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        int extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]);
        int commentBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
        ulong local = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        if (nameBytes > MaxNameBytes)
        {
            throw Damaged(source, $"the directory entry at offset {at} has a name of {nameBytes} bytes");
        }

        budget.Charge(EntryBytes, at);
        var name = reader.ReadText((ulong)nameBytes, budget);
        ReadExtra64(source, reader, extraBytes, ref length, ref packed, ref local);
        reader.Skip(commentBytes);
        // The bytes of a packed record are never read: the archive is refused once its directory tells what it is.
        isPacked = (flags & 1) != 0 || method != 0 || packed != length;
        if (isPacked)
        {
            return new ZipEntry(name, 0, 0, crc);
        }

        return new ZipEntry(name, FindData(source, name, nameBytes, local, length), (long)length, crc);
    }

    private static void ReadExtra64(
        ByteSource source, ByteReader reader, int extraBytes, ref ulong length, ref ulong packed, ref ulong local)
    {
        var end = checked(reader.Position + extraBytes);
        while (end - reader.Position >= 4)
        {
            var id = reader.ReadUInt16();
            var size = reader.ReadUInt16();
            var next = reader.Position + size;
            if (next > end)
            {
                throw Damaged(source, $"the extra field at offset {reader.Position} is longer than its directory entry");
            }

            if (id == Extra64)
            {
                Take(ref length);
                Take(ref packed);
                Take(ref local);
            }

            reader.Skip(next - reader.Position);

            void Take(ref ulong value)
            {
                if (value == In64 && next - reader.Position >= sizeof(ulong))
                {
                    value = reader.ReadUInt64();
                }
            }
        }

        reader.Skip(end - reader.Position);
    }

    private static long FindData(ByteSource source, string name, int nameBytes, ulong local, ulong length)
    {
        if (local > (ulong)source.Length || length > (ulong)source.Length - local)
        {
            throw source.Fail($"its record '{name}' should lie at offset {local} with {length} bytes, beyond the end of the file; it is truncated or damaged.");
        }

        Span<byte> header = stackalloc byte[LocalBytes + MaxNameBytes];
        header = header[..(LocalBytes + nameBytes)];
        source.Read((long)local, header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature
            || BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) != nameBytes
            || !Encoding.UTF8.GetBytes(name).AsSpan().SequenceEqual(header[LocalBytes..]))
        {
            throw Damaged(source, $"its record '{name}' does not lie at offset {local}");
        }

        var data = checked((long)local + LocalBytes + nameBytes + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]));
        return data <= source.Length - (long)length ? data : throw source.EndsTooEarly(data, (long)length);
    }

    private static WeightFileException Damaged(ByteSource source, string problem) => source.Fail($"{problem}; the zip archive is damaged.");
}
