using System.Collections.Concurrent;
using Microsoft.ML;
using Mlps.Torch.Ranks;

namespace Mlps.ML;

/// <summary>Reads patches in the order of a table's rows, on several threads where the table can be read so.</summary>
internal static class PatchRows
{
    /// <summary>Patches that a thread may be ahead.</summary>
    private const int Ahead = 32;

    /// <summary>The table's rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">What is read of it.</param>
    /// <param name="ranks">Those who read the rows that the table lacks, or null where it has all.</param>
    /// <param name="cancellation">Stops the reading at the next row.</param>
    /// <exception cref="TissueDataException">A row does not fit, or cannot be read.</exception>
    public static IEnumerable<ReadPatch> Read(IDataView table, PatchRowColumns columns, RankGroup? ranks, CancellationToken cancellation)
    {
        var cursors = table.GetRowCursorSet(columns.All, Environment.ProcessorCount);
        return cursors.Length == 1 ? ReadAlone(cursors[0], columns, ranks, cancellation) : ReadTogether(cursors, columns, ranks, cancellation);
    }

    private static IEnumerable<ReadPatch> ReadAlone(DataViewRowCursor cursor, PatchRowColumns columns, RankGroup? ranks, CancellationToken cancellation)
    {
        using (cursor)
        {
            using var reader = new PatchRowReader(cursor, columns);
            for (var row = 0L; cursor.MoveNext(); row++)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return ReadOrFail(reader).OfRow(RowNumber.InTable(row, ranks));
            }
        }
    }

    /// <summary>Cursors of a set hold batches of rows whose numbers follow one another over all of them: the lowest number at hand is next.</summary>
    private static IEnumerable<ReadPatch> ReadTogether(DataViewRowCursor[] cursors, PatchRowColumns columns, RankGroup? ranks, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var members = cursors.Select(_ => new BlockingCollection<(long Batch, Reading Reading)>(Ahead)).ToArray();
        var reading = cursors.Zip(members, (cursor, member) => Task.Run(() => Fill(cursor, member, columns, stop.Token), CancellationToken.None)).ToArray();
        try
        {
            var heads = members.Select((member, index) => Next(member, reading[index])).ToArray();
            for (var row = 0L; heads.Any(head => head is not null); row++)
            {
                cancellation.ThrowIfCancellationRequested();
                var lowest = Enumerable.Range(0, heads.Length).Where(index => heads[index] is not null).MinBy(index => heads[index]!.Value.Batch);
                yield return heads[lowest]!.Value.Reading.OfRow(RowNumber.InTable(row, ranks));
                heads[lowest] = Next(members[lowest], reading[lowest]);
            }
        }
        finally
        {
            stop.Cancel();
            foreach (var task in reading)
            {
                ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            }

            Array.ForEach(members, member => member.Dispose());
        }
    }

    /// <summary>The member's next patch; null after its last one.</summary>
    private static (long Batch, Reading Reading)? Next(BlockingCollection<(long Batch, Reading Reading)> member, Task reading)
    {
        if (member.TryTake(out var next, Timeout.Infinite))
        {
            return next;
        }

        reading.GetAwaiter().GetResult();
        return null;
    }

    private static void Fill(DataViewRowCursor cursor, BlockingCollection<(long Batch, Reading Reading)> member, PatchRowColumns columns, CancellationToken stop)
    {
        try
        {
            using (cursor)
            {
                using var reader = new PatchRowReader(cursor, columns);
                while (cursor.MoveNext())
                {
                    member.Add((cursor.Batch, ReadOrFail(reader)), stop);
                }
            }
        }
        finally
        {
            member.CompleteAdding();
        }
    }

    private static Reading ReadOrFail(PatchRowReader reader)
    {
        try
        {
            return new(reader.Read(), null);
        }
        catch (PatchRowException fault)
        {
            return new(null, fault);
        }
    }

    /// <summary>A patch, or why a row without a name is none.</summary>
    private readonly record struct Reading(ReadPatch? Patch, PatchRowException? Fault)
    {
        /// <exception cref="TissueDataException">The row does not fit.</exception>
        public ReadPatch OfRow(long row) => Patch ?? throw Fault!.Named(row);
    }
}
