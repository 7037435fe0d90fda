using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.Benchmarks.Scale;

/// <summary>A table whose rows come several times over, read anew each time.</summary>
internal sealed class RepeatedView(IDataView table, int times) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => table.Schema;

    public long? GetRowCount() => table.GetRowCount() * times;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(table, [.. columnsNeeded], times);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(IDataView table, DataViewSchema.Column[] columns, int times) : DataViewRowCursor
    {
        private DataViewRowCursor _current = table.GetRowCursor(columns);
        private int _begun = 1;
        private long _position = -1;

        public override DataViewSchema Schema => table.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            while (!_current.MoveNext())
            {
                if (_begun == times)
                {
                    return false;
                }

                _current.Dispose();
                _current = table.GetRowCursor(columns);
                _begun++;
            }

            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _current.IsColumnActive(column);

        /// <summary>A getter of whichever reading is under way.</summary>
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            DataViewRowCursor? of = null;
            ValueGetter<TValue>? getter = null;
            return (ref TValue value) =>
            {
                if (!ReferenceEquals(of, _current))
                {
                    (of, getter) = (_current, _current.GetGetter<TValue>(column));
                }

                getter!(ref value);
            };
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        protected override void Dispose(bool disposing)
        {
            _current.Dispose();
            base.Dispose(disposing);
        }
    }
}
