using System.Buffers.Binary;
using System.IO.Hashing;

namespace Mlps.ML;

/// <summary>A chunk of a PNG file: its length, its type, what it holds, and a CRC-32 of the last two.</summary>
internal static class PngChunk
{
    /// <summary>What every PNG begins with, before its chunks.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes a chunk.</summary>
    /// <param name="file">The file.</param>
    /// <param name="type">Four letters.</param>
    /// <param name="contents">What it holds.</param>
    public static void Write(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> contents)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, contents.Length);
        file.Write(number);
        file.Write(type);
        file.Write(contents);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(contents);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        file.Write(number);
    }
}
