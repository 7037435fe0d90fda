using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Mlps.ML.Stages;

/// <summary>Hands a network's results out to rows, and takes rows' vectors back together.</summary>
internal static class TensorColumns
{
    /// <summary>Sets each row's vector from its part of a tensor on the host whose first dimension is the rows.</summary>
    public static void Set<T>(RowBatch batch, string output, Tensor values)
        where T : unmanaged
    {
        using var dense = values.contiguous();
        var all = MemoryMarshal.Cast<byte, T>(dense.bytes);
        var length = (int)(values.numel() / batch.Count);
        for (var row = 0; row < batch.Count; row++)
        {
            batch.SetVector(output, row, all.Slice(row * length, length).ToArray());
        }
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
