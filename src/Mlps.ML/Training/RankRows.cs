using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Mlps.ML.Interop;
using Mlps.ML.Stages;
using Mlps.Torch.Ranks;

namespace Mlps.ML;

/// <summary>The rows of a table that one rank reads: of each run of rows one after the other, every Nth run of N ranks.</summary>
/// <remarks>The others are passed over unread.</remarks>
internal sealed class RankRows(IDataView input, RankGroup ranks) : IDataView
{
    /// <summary>Rows of a run: a multiple of the rows that stages compute together by default.</summary>
    public const int RunLength = 64;

    public DataViewSchema Schema => input.Schema;

    public bool CanShuffle => false;

    /// <summary>This rank's rows of a table, with the steps that made certain columns applied to these rows alone.</summary>
    public static IDataView Of(IHostEnvironment environment, IDataView table, RankGroup ranks, IReadOnlyCollection<string> columns) =>
        ViewReplay.OnRows(environment, table, columns, rows => new RankRows(rows, ranks));

    /// <summary>How many of so many rows a rank reads.</summary>
    public static long CountOf(long rows, int rank, int rankCount)
    {
        var (rounds, rest) = Math.DivRem(rows, (long)RunLength * rankCount);
        return (rounds * RunLength) + Math.Clamp(rest - ((long)rank * RunLength), 0, RunLength);
    }

    /// <summary>The number in the table of one of a rank's rows.</summary>
    public static long NumberOf(long row, int rank, int rankCount)
    {
        var (run, within) = Math.DivRem(row, RunLength);
        return (((run * rankCount) + rank) * RunLength) + within;
    }

    public long? GetRowCount() => input.GetRowCount() is { } rows ? CountOf(rows, ranks.Rank, ranks.Count) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(input.GetRowCursor(columnsNeeded), ranks.Rank, ranks.Count);

    /// <summary>One cursor: those of a set do not know which rows of the table they have.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, int rank, int rankCount) : DataViewRowCursor, IGivesImagesAway
    {
        private long _row = -1;

        public override DataViewSchema Schema => input.Schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public bool GivesImagesAway => input is IGivesImagesAway { GivesImagesAway: true };

        public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

        public override bool MoveNext()
        {
            do
            {
                _row++;
                if (!input.MoveNext())
                {
                    return false;
                }
            }
            while (_row / RunLength % rankCount != rank);

            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                input.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
