using System.Buffers.Binary;
using System.Text;

namespace Mlps.Torch.Tests.Weights;

/// <summary>Changes single fields of a zip archive's directory entries, in place.</summary>
internal static class ZipPatch
{
    private const int NameAt = 46;

    public static void SetFlags(byte[] file, string record, ushort flags) =>
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(EntryOf(file, record) + 8), flags);

    public static void SetChecksum(byte[] file, string record, uint crc) =>
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EntryOf(file, record) + 16), crc);

    public static void SetLengths(byte[] file, string record, uint length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EntryOf(file, record) + 20), length);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EntryOf(file, record) + 24), length);
    }

    public static void SetOffset(byte[] file, string record, uint offset) =>
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(EntryOf(file, record) + 42), offset);

    /// <summary>The directory comes last, so the last occurrence of the name is the one in it.</summary>
    private static int EntryOf(byte[] file, string record) => file.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(record)) - NameAt;
}
