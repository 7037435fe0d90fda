using System.Buffers.Binary;

namespace Mlps.Slides;

/// <summary>Halves rows of classes: of four pixels the most frequent class is kept, of equally frequent ones the first in reading order.</summary>
internal static class ClassHalving
{
    /// <summary>Makes one row of two.</summary>
    public static void HalveRow(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> target)
    {
        const int Block = sizeof(ulong);
        const ulong EveryByte = 0x0101_0101_0101_0101;
        var x = 0;
        while (x < first.Length)
        {
            // Most of a mask is of one class.
            if (x + Block <= first.Length)
            {
                var word = BinaryPrimitives.ReadUInt64LittleEndian(first[x..]);
                if (word == BinaryPrimitives.ReadUInt64LittleEndian(second[x..]) && word == (word & byte.MaxValue) * EveryByte)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(target[(x / 2)..], (uint)word);
                    x += Block;
                    continue;
                }
            }

            var end = Math.Min(x + Block, first.Length);
            for (; x < end; x += 2)
            {
                target[x / 2] = x + 1 < first.Length ? Mode(first[x], first[x + 1], second[x], second[x + 1]) : first[x];
            }
        }
    }

    private static byte Mode(byte a, byte b, byte c, byte d)
    {
        // Of two pairs, the one with the first pixel is kept.
        if (a == b || a == c || a == d)
        {
            return a;
        }

        return b == c || b == d ? b : c == d ? c : a;
    }
}
