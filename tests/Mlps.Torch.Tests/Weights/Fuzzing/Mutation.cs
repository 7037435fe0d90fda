using System.Buffers.Binary;

namespace Mlps.Torch.Tests.Weights.Fuzzing;

/// <summary>Damages a file in one to five ways, mostly one or two, as its random numbers say.</summary>
internal static class Mutation
{
    private const int MaxChanges = 6;
    private const int EdgeBytes = 40_000;

    private static readonly long[] Extremes =
    [
        0, 1, -1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
        long.MaxValue, long.MinValue, long.MaxValue / 4, 1L << 40,
    ];

    // Bytes that mean something to a pickle, a zip directory, JSON or a protocol buffer.
    private static readonly byte[] Meaningful =
    [
        .. "().012NQRKMJGTUX]}aecdhijlopqrstub{}[],:\"9-PK"u8, 0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x93, 0x94, 0x95, 0x96,
        0x08, 0x0A, 0x10, 0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x4A,
    ];

    public static byte[] Apply(Random random, byte[] original, byte[] other)
    {
        byte[] file = [.. original];
        var changes = random.Next(1, 1 + random.Next(1, MaxChanges + 1));
        for (var i = 0; i < changes && file.Length > 0; i++)
        {
            file = ApplyOnce(random, file, other);
        }

        return file;
    }

    private static byte[] ApplyOnce(Random random, byte[] file, byte[] other)
    {
        var at = Position(random, file.Length);
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case 3 or 4:
                file[at] = (byte)random.Next(256);
                return file;
            case 5:
                file[at] = Meaningful[random.Next(Meaningful.Length)];
                return file;
            case 6 or 7:
                WriteNumber(random, file, at);
                return file;
            case 8:
                return file[..at];
            case 9:
                var removed = Math.Min(random.Next(1, 64), file.Length - at);
                return [.. file[..at], .. file[(at + removed)..]];
            case 10:
                var repeated = Math.Min(random.Next(1, 256), file.Length - at);
                return [.. file[..at], .. file[at..(at + repeated)], .. file[at..]];
            default:
                var from = Position(random, other.Length);
                var length = Math.Min(Math.Min(random.Next(1, 256), file.Length - at), other.Length - from);
                other.AsSpan(from, length).CopyTo(file.AsSpan(at));
                return file;
        }
    }

    /// <summary>Most positions lie near the ends, where headers, pickles and directories are.</summary>
    private static int Position(Random random, int length) => random.Next(4) switch
    {
        0 => random.Next(length),
        1 => length - 1 - random.Next(Math.Min(length, EdgeBytes)),
        _ => random.Next(Math.Min(length, EdgeBytes)),
    };

    private static void WriteNumber(Random random, byte[] file, int at)
    {
        var number = random.Next(3) switch
        {
            0 => file.Length + random.Next(-2, 3),
            1 => random.NextInt64(),
            _ => Extremes[random.Next(Extremes.Length)],
        };
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        var size = Math.Min(1 << random.Next(4), file.Length - at);
        bytes[..size].CopyTo(file.AsSpan(at));
    }
}
