using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>Reads a batch of rows, computes it when the first result is requested, and returns the rows one by one; meanwhile the next batch is read.</summary>
/// <remarks>A row that cannot be read ends the batch, and its exception is thrown where the row would have come.</remarks>
internal sealed class BatchCursor : DataViewRowCursor, ICurrentRow, IGivesImagesAway
{
    private readonly StageBindings _bindings;
    private readonly bool[] _isActive;
    private readonly BatchReader _reader;
    private readonly BatchesAhead _batches;
    private BatchRows? _rows;
    private int _row = -1;
    private bool _isDisposed;

    /// <param name="bindings">The stage on the input's schema.</param>
    /// <param name="input">A cursor with the columns that the active ones need; disposed with this one.</param>
    /// <param name="active">Active columns of the output schema.</param>
    /// <param name="readsAhead">Whether another thread reads the next batch from the input.</param>
    public BatchCursor(StageBindings bindings, DataViewRowCursor input, IEnumerable<DataViewSchema.Column> active, bool readsAhead)
    {
        _bindings = bindings;
        _isActive = new bool[bindings.OutputSchema.Count];
        foreach (var column in active)
        {
            _isActive[column.Index] = true;
        }

        (var inputs, var outputs) = bindings.Split(bindings.OutputSchema.Where(column => _isActive[column.Index]));
        DataViewSchema.Column[] columns = [.. inputs.Concat(bindings.ColumnsFor(outputs)).DistinctBy(column => column.Index)];
        var capacity = Math.Max(1, bindings.Stage.BatchSize);
        _reader = new BatchReader(bindings.Stage, input, new BatchRows(bindings, columns, [], capacity: 1));
        _batches = new BatchesAhead(_reader, () => new BatchRows(bindings, columns, outputs, capacity), readsAhead, bindings.Stage.ComputesAhead);
    }

    public override DataViewSchema Schema => _bindings.OutputSchema;

    public override long Position => _row < 0 ? -1 : _rows!.Batch.Positions[_row];

    public override long Batch => _row < 0 ? _reader.InputBatch : _rows!.BatchNumber(_row);

    /// <inheritdoc/>
    public bool GivesImagesAway => true;

    /// <inheritdoc/>
    public int Slot => _row >= 0 ? _row
        : throw new InvalidOperationException("Values cannot be fetched at this time: move the cursor to a row first.");

    public override bool IsColumnActive(DataViewSchema.Column column) => _isActive[column.Index];

    public override bool MoveNext()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_row + 1 < _rows?.Batch.Count)
        {
            _row++;
            return true;
        }

        _row = -1;
        _rows = null;
        _rows = _batches.Next();
        _row = _rows.Batch.Count > 0 ? 0 : -1;
        return _row == 0;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor.");
        }

        if (typeof(TValue) != column.Type.RawType)
        {
            throw new InvalidOperationException($"Column '{column.Name}' is {column.Type} and cannot be read as {typeof(TValue)}; read it as {column.Type.RawType}.");
        }

        if (_bindings.OutputIndex(column) is var output && output < 0)
        {
            return (ref TValue value) =>
            {
                var row = Slot;
                ((ColumnBuffer<TValue>)_rows!.Columns[column.Index]!).Get(row, ref value);
            };
        }

        return (ref TValue value) =>
        {
            var row = Slot;
            _batches.Compute();
            _rows!.Batch.Output<TValue>(output).Get(row, ref value);
        };
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _rows!.Id(Slot);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _row = -1;
            _batches.Dispose();
        }

        base.Dispose(disposing);
    }
}
