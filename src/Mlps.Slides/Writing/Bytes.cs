using System.Numerics;

namespace Mlps.Slides;

/// <summary>Arithmetic on bytes.</summary>
internal static class Bytes
{
    /// <summary>The sum of all.</summary>
    public static long Sum(ReadOnlySpan<byte> values)
    {
        // A lane of 16 bits holds 128 pairs of bytes.
        const int Rounds = 128;
        var sum = 0L;
        while (values.Length >= Vector<byte>.Count)
        {
            var lanes = Vector<ushort>.Zero;
            for (var round = 0; round < Rounds && values.Length >= Vector<byte>.Count; round++)
            {
                Vector.Widen(new Vector<byte>(values), out var low, out var high);
                lanes += low + high;
                values = values[Vector<byte>.Count..];
            }

            Vector.Widen(lanes, out var first, out var second);
            sum += Vector.Sum(first) + (long)Vector.Sum(second);
        }

        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
