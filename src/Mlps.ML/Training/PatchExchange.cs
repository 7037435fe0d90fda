using System.Runtime.InteropServices;
using Mlps.Torch.Data;
using Mlps.Torch.Ranks;

namespace Mlps.ML;

/// <summary>Gives every rank the patches that each has read by itself, in the order of the table.</summary>
internal static class PatchExchange
{
    /// <summary>Bytes that are exchanged at once, where a patch is not larger.</summary>
    private const int TargetBytes = 8 << 20;

    /// <summary>All patches; both stores are null where there are none.</summary>
    /// <param name="ranks">All ranks come here with the patches of their <see cref="RankRows"/>.</param>
    /// <param name="own">This rank's patches in their order, to be held out or not, with the gate of those that are.</param>
    /// <exception cref="TissueDataException">The ranks have read tables of different lengths, or patches of different sizes.</exception>
    public static (PatchStore? Training, PatchStore? HeldOut, List<float[]> Gates) Gather(RankGroup ranks, ReadRows own)
    {
        var counts = new long[ranks.Count];
        counts[ranks.Rank] = own.IsHeldOut.Count;
        ranks.Sum(counts.AsSpan());
        var total = counts.Sum();
        if (!Enumerable.Range(0, ranks.Count).All(rank => counts[rank] == RankRows.CountOf(total, rank, ranks.Count)))
        {
            throw new TissueDataException($"The ranks do not read the same table: they have {string.Join(", ", counts)} of its rows, {total} in all. Give all of them the same data.");
        }

        PatchStore? training = null, heldOut = null;
        var gates = new List<float[]>();
        if (total == 0)
        {
            return (training, heldOut, gates);
        }

        var (layout, gateLength) = CommonLayout(ranks, own);
        var record = 1 + layout.PatchBytes + (gateLength * sizeof(float));
        var atOnce = Math.Clamp(TargetBytes / record, 1, RankRows.RunLength);
        var buffer = new byte[atOnce * record];
        var given = own.Rows().GetEnumerator();
        try
        {
            for (var first = 0L; first < total;)
            {
                var run = first / RankRows.RunLength;
                var count = (int)Math.Min(atOnce, Math.Min(total, (run + 1) * RankRows.RunLength) - first);
                var owner = (int)(run % ranks.Count);
                var bytes = buffer.AsSpan(0, count * record);
                for (var row = 0; row < count && owner == ranks.Rank; row++)
                {
                    given.MoveNext();
                    Write(bytes.Slice(row * record, record), own, given.Current, layout);
                }

                ranks.Broadcast(bytes, owner);
                for (var row = 0; row < count; row++)
                {
                    Read(bytes.Slice(row * record, record));
                }

                first += count;
            }
        }
        catch
        {
            training?.Dispose();
            heldOut?.Dispose();
            throw;
        }

        return (training, heldOut, gates);

        void Read(ReadOnlySpan<byte> bytes)
        {
            var patch = bytes.Slice(1, layout.PatchBytes);
            if (bytes[0] == 0)
            {
                (training ??= new PatchStore(layout)).Add(patch);
                return;
            }

            (heldOut ??= new PatchStore(layout)).Add(patch);
            if (gateLength > 0)
            {
                gates.Add(MemoryMarshal.Cast<byte, float>(bytes[(1 + layout.PatchBytes)..].ToArray()).ToArray());
            }
        }
    }

    private static void Write(Span<byte> record, ReadRows own, (bool IsHeldOut, int Index) row, PatchLayout layout)
    {
        record[0] = row.IsHeldOut ? (byte)1 : (byte)0;
        (row.IsHeldOut ? own.HeldOut! : own.Training!).Bytes(row.Index).CopyTo(record[1..]);
        if (row.IsHeldOut && own.Gates.Count > 0)
        {
            MemoryMarshal.AsBytes(own.Gates[row.Index].AsSpan()).CopyTo(record[(1 + layout.PatchBytes)..]);
        }
    }

    /// <summary>Rank 0's layout, which all others must have.</summary>
    private static (PatchLayout Layout, int GateLength) CommonLayout(RankGroup ranks, ReadRows own)
    {
        var layout = own.Layout ?? default;
        long[] shape = [layout.Height, layout.Width, layout.ClassCount, layout.MaskCount];
        long[] common = [.. shape];
        ranks.Broadcast(MemoryMarshal.AsBytes(common.AsSpan()), 0);
        var differs = new long[ranks.Count];
        differs[ranks.Rank] = own.Layout is null || shape.SequenceEqual(common) ? 0 : 1;

        // The largest is that of all which have a gate; a sum over zeros would do for one, but several may.
        var gates = new long[ranks.Count];
        gates[ranks.Rank] = own.Gates.Count > 0 ? own.Gates[0].Length : 0;
        ranks.Sum(differs.AsSpan());
        ranks.Sum(gates.AsSpan());
        return Array.IndexOf(differs, 1) is >= 0 and var odd
            ? throw new TissueDataException($"The first image that rank {odd} has read is not {common[1]}x{common[0]} pixels as that of rank 0. Patches to train on must be of one size; cut or resize them alike.")
            : (new((int)common[0], (int)common[1], (int)common[2], (int)common[3]), (int)gates.Max());
    }
}
