using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlps.Torch.Evaluation;

/// <summary>
/// Counts pairs (true class, predicted class) over two masks, without a branch on any pixel.
/// </summary>
/// <remarks>
/// A pair of indices below 16 fits in one byte, <c>truth · 16 + predicted</c>, in blocks that stay in the first-level cache.
/// Few classes: every cell is compared against whole vectors, so the time does not depend on the image. More classes: four interleaved histograms.
/// </remarks>
internal static class PixelPairCounter
{
    // Byte lanes overflow after 255 vectors.
    private const int VectorsPerBlock = 255;

    // Comparing costs the square of the side and the histograms do not: measured, they meet between 8 and 16.
    private const int MaxSideToCompare = 8;

    // Two indices must share a byte.
    private const int MaxSideInByte = 16;

    private static readonly int BlockLength = VectorsPerBlock * Vector<byte>.Count;

    /// <summary>Adds the counts of all pairs to <paramref name="counts"/>.</summary>
    /// <param name="truth">True class of each pixel.</param>
    /// <param name="predicted">Predicted class of each pixel, as many.</param>
    /// <param name="side">Number of indices K, background included; every index must be below it.</param>
    /// <param name="counts">K·K counts, row = truth.</param>
    /// <returns>False if an index was K or more; <paramref name="counts"/> is then of no use.</returns>
    [SkipLocalsInit]
    internal static bool TryCount(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted, int side, Span<long> counts)
    {
        if (side > MaxSideInByte)
        {
            return TryCountManyClasses(truth, predicted, side, counts);
        }

        Span<byte> pairs = stackalloc byte[BlockLength];
        for (var start = 0; start < truth.Length; start += BlockLength)
        {
            var length = Math.Min(BlockLength, truth.Length - start);
            var block = pairs[..length];
            if (Combine(truth.Slice(start, length), predicted.Slice(start, length), block) >= side)
            {
                return false;
            }

            if (side <= MaxSideToCompare)
            {
                CountByComparing(block, side, counts);
            }
            else
            {
                CountByHistogram(block, side, counts);
            }
        }

        return true;
    }

    /// <summary>Writes truth · 16 + predicted for each pixel and returns the largest index seen.</summary>
    private static byte Combine(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted, Span<byte> pairs)
    {
        ref var t = ref MemoryMarshal.GetReference(truth);
        ref var p = ref MemoryMarshal.GetReference(predicted);
        ref var pair = ref MemoryMarshal.GetReference(pairs);
        var largest = Vector<byte>.Zero;
        var i = 0;
        for (; i <= pairs.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var trueClass = Vector.LoadUnsafe(ref t, (nuint)i);
            var predictedClass = Vector.LoadUnsafe(ref p, (nuint)i);
            largest = Vector.Max(largest, Vector.Max(trueClass, predictedClass));

            // No byte shift exists; shifting pairs of bytes is right as long as the upper half of each byte is empty, which the maximum tells.
            var row = Vector.AsVectorByte(Vector.ShiftLeft(Vector.AsVectorUInt16(trueClass), 4));
            (row | predictedClass).StoreUnsafe(ref pair, (nuint)i);
        }

        byte maximum = 0;
        for (var lane = 0; lane < Vector<byte>.Count; lane++)
        {
            maximum = Math.Max(maximum, largest[lane]);
        }

        for (; i < pairs.Length; i++)
        {
            maximum = Math.Max(maximum, Math.Max(truth[i], predicted[i]));
            pairs[i] = (byte)((truth[i] << 4) | (predicted[i] & 0xF));
        }

        return maximum;
    }

    private static void CountByComparing(ReadOnlySpan<byte> pairs, int side, Span<long> counts)
    {
        ref var first = ref MemoryMarshal.GetReference(pairs);
        var cells = side * side;
        var vectorised = pairs.Length - (pairs.Length % Vector<byte>.Count);
        for (var cell = 0; cell < cells; cell += 4)
        {
            // Four cells a pass: each vector is loaded once for four comparisons.
            Vector<byte> key0 = Key(cell, side), key1 = Key(cell + 1, side), key2 = Key(cell + 2, side), key3 = Key(cell + 3, side);
            Vector<byte> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (var i = 0; i < vectorised; i += Vector<byte>.Count)
            {
                var pair = Vector.LoadUnsafe(ref first, (nuint)i);
                sum0 -= Vector.Equals(pair, key0);
                sum1 -= Vector.Equals(pair, key1);
                sum2 -= Vector.Equals(pair, key2);
                sum3 -= Vector.Equals(pair, key3);
            }

            Store(sum0, cell, counts);
            Store(sum1, cell + 1, counts);
            Store(sum2, cell + 2, counts);
            Store(sum3, cell + 3, counts);
        }

        foreach (var pair in pairs[vectorised..])
        {
            counts[((pair >> 4) * side) + (pair & 0xF)]++;
        }

        static Vector<byte> Key(int cell, int side) => new((byte)((cell / side << 4) | (cell % side)));

        static void Store(Vector<byte> sum, int cell, Span<long> counts)
        {
            // The last pass may reach past the last cell.
            if (cell < counts.Length)
            {
                Vector.Widen(sum, out var lower, out var upper);
                counts[cell] += Vector.Sum(lower + upper);
            }
        }
    }

    private static void CountByHistogram(ReadOnlySpan<byte> pairs, int side, Span<long> counts)
    {
        const int Bins = 256;
        Span<uint> histograms = stackalloc uint[4 * Bins];
        histograms.Clear();
        ref var bin = ref MemoryMarshal.GetReference(histograms);
        var vectorised = pairs.Length - (pairs.Length % sizeof(ulong));
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(pairs[..vectorised]))
        {
            Unsafe.Add(ref bin, (int)(byte)eight)++;
            Unsafe.Add(ref bin, Bins + (int)(byte)(eight >> 8))++;
            Unsafe.Add(ref bin, (2 * Bins) + (int)(byte)(eight >> 16))++;
            Unsafe.Add(ref bin, (3 * Bins) + (int)(byte)(eight >> 24))++;
            Unsafe.Add(ref bin, (int)(byte)(eight >> 32))++;
            Unsafe.Add(ref bin, Bins + (int)(byte)(eight >> 40))++;
            Unsafe.Add(ref bin, (2 * Bins) + (int)(byte)(eight >> 48))++;
            Unsafe.Add(ref bin, (3 * Bins) + (int)(byte)(eight >> 56))++;
        }

        foreach (var pair in pairs[vectorised..])
        {
            histograms[pair]++;
        }

        for (var truth = 0; truth < side; truth++)
        {
            for (var predicted = 0; predicted < side; predicted++)
            {
                var pair = (truth << 4) | predicted;
                counts[(truth * side) + predicted] +=
                    (long)histograms[pair] + histograms[Bins + pair] + histograms[(2 * Bins) + pair] + histograms[(3 * Bins) + pair];
            }
        }
    }

    private static bool TryCountManyClasses(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> predicted, int side, Span<long> counts)
    {
        var last = (byte)(side - 1);
        if (truth.ContainsAnyExceptInRange((byte)0, last) || predicted.ContainsAnyExceptInRange((byte)0, last))
        {
            return false;
        }

        for (var i = 0; i < truth.Length; i++)
        {
            counts[(truth[i] * side) + predicted[i]]++;
        }

        return true;
    }
}
