using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Mlps.ML.Stages;

/// <summary>Hands a network's results out to rows, and takes rows' vectors back together.</summary>
internal static class TensorColumns
{
    /// <summary>Values that are copied at once: TorchSharp shows no more than 2 GiB of a tensor.</summary>
    private const int PieceLength = 1 << 27;

    /// <summary>Sets each row's vector from its part of a tensor on the host whose first dimension is the rows.</summary>
    /// <exception cref="RowException">A row has more values than an array holds.</exception>
    public static void Set<T>(RowBatch batch, string output, Tensor values)
        where T : unmanaged
    {
        using var dense = values.contiguous();
        using var flat = dense.view(-1);
        var length = values.numel() / batch.Count;
        for (var row = 0; row < batch.Count; row++)
        {
            if (length > Array.MaxLength)
            {
                throw batch.Error(row, $"column '{output}' would have {length} values, and an array holds {Array.MaxLength}; predict smaller images, or read another column");
            }

            batch.SetVector(output, row, Copy<T>(flat, row * length, (int)length, PieceLength));
        }
    }

    /// <summary>Values of a flat tensor on the host, copied piece by piece.</summary>
    internal static T[] Copy<T>(Tensor flat, long first, int count, int pieceLength)
        where T : unmanaged
    {
        var copied = GC.AllocateUninitializedArray<T>(count);
        for (var done = 0; done < count; done += Math.Min(pieceLength, count - done))
        {
            using var piece = flat.narrow(0, first + done, Math.Min(pieceLength, count - done));
            MemoryMarshal.Cast<byte, T>(piece.bytes).CopyTo(copied.AsSpan(done));
        }

        return copied;
    }

    /// <summary>The rows' vectors, one after the other; they are of one length.</summary>
    /// <exception cref="RowException">A row's vector is not of the length expected.</exception>
    public static T[] Get<T>(RowBatch batch, string input, int length, string expected)
    {
        var all = new T[batch.Count * length];
        for (var row = 0; row < batch.Count; row++)
        {
            var vector = batch.Vector<T>(input, row);
            if (vector.Length != length)
            {
                throw batch.Error(row, $"column '{input}' has {vector.Length} values; expected {expected} = {length}");
            }

            vector.CopyTo(all.AsSpan(row * length));
        }

        return all;
    }
}
