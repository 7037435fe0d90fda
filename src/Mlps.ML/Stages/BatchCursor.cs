using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>Reads ahead a batch of rows, computes it when the first result is requested, and returns the rows one by one.</summary>
/// <remarks>
/// The input is read once: every active column of a row is copied into the batch. A row that cannot be read ends the batch, and its
/// exception is thrown where the row would have come.
/// </remarks>
internal sealed class BatchCursor : DataViewRowCursor, ICurrentRow, IGivesImagesAway
{
    private readonly StageBindings _bindings;
    private readonly DataViewRowCursor _input;
    private readonly ColumnBuffer?[] _columns;
    private readonly bool[] _isActive;
    private readonly RowBatch _batch;
    private readonly int _capacity;
    private readonly ValueGetter<DataViewRowId> _readRowId;
    private readonly DataViewRowId[] _rowIds;
    private readonly long[] _batchNumbers;
    private int _row = -1;
    private int _pending = -1;
    private ExceptionDispatchInfo? _failure;
    private bool _isComputed;
    private bool _isAtEnd;
    private bool _isDisposed;

    /// <param name="bindings">The stage on the input's schema.</param>
    /// <param name="input">A cursor with the columns that the active ones need; disposed with this one.</param>
    /// <param name="active">Active columns of the output schema.</param>
    public BatchCursor(StageBindings bindings, DataViewRowCursor input, IEnumerable<DataViewSchema.Column> active)
    {
        _bindings = bindings;
        _input = input;
        _capacity = Math.Max(1, bindings.Stage.BatchSize);
        _rowIds = new DataViewRowId[_capacity];
        _batchNumbers = new long[_capacity];
        _readRowId = input.GetIdGetter();
        _isActive = new bool[bindings.OutputSchema.Count];
        _columns = new ColumnBuffer?[bindings.InputSchema.Count];
        foreach (var column in active)
        {
            _isActive[column.Index] = true;
        }

        (var inputs, var outputs) = bindings.Split(bindings.OutputSchema.Where(column => _isActive[column.Index]));
        foreach (var column in inputs.Concat(bindings.ColumnsFor(outputs)))
        {
            if (_columns[column.Index] is null)
            {
                _columns[column.Index] = ColumnBuffer.Create(column.Type, _capacity);
                _columns[column.Index]!.Attach(input, input.Schema[column.Index]);
            }
        }

        _batch = new RowBatch(bindings, _columns, outputs, _capacity);
    }

    public override DataViewSchema Schema => _bindings.OutputSchema;

    public override long Position => _row < 0 ? -1 : _batch.Positions[_row];

    public override long Batch => _row < 0 ? _input.Batch : _batchNumbers[_row];

    /// <inheritdoc/>
    public bool GivesImagesAway => true;

    /// <inheritdoc/>
    public int Slot => _row >= 0 ? _row
        : throw new InvalidOperationException("Values cannot be fetched at this time: move the cursor to a row first.");

    public override bool IsColumnActive(DataViewSchema.Column column) => _isActive[column.Index];

    public override bool MoveNext()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_row + 1 < _batch.Count)
        {
            _row++;
            return true;
        }

        _row = -1;
        ReadBatch();
        _row = _batch.Count > 0 ? 0 : -1;
        return _row == 0;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this cursor.");
        }

        var getter = _bindings.OutputIndex(column) is >= 0 and var output
            ? _batch.CreateGetter(output, this, Compute)
            : _columns[column.Index]!.CreateGetter(this, static () => { });
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"Column '{column.Name}' is {column.Type} and cannot be read as {typeof(TValue)}; read it as {column.Type.RawType}.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _rowIds[Slot];

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _row = -1;
            _batch.Dispose();
            foreach (var column in _columns)
            {
                column?.Dispose();
            }

            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Compute()
    {
        if (!_isComputed)
        {
            _batch.Compute();
            _isComputed = true;
        }
    }

    private void ReadBatch()
    {
        _isComputed = false;
        _batch.Count = 0;
        if (_pending >= 0)
        {
            Swap(0, _pending);
            _pending = -1;
            _batch.Count = 1;
        }

        while (_batch.Count < _capacity && _failure is null && !_isAtEnd && TryRead(_batch.Count))
        {
            if (_batch.Count > 0 && !_bindings.Stage.SharesBatch(_batch, 0, _batch.Count))
            {
                _pending = _batch.Count;
                break;
            }

            _batch.Count++;
        }

        if (_batch.Count == 0)
        {
            _failure?.Throw();
        }
    }

    private bool TryRead(int slot)
    {
        try
        {
            if (!_input.MoveNext())
            {
                _isAtEnd = true;
                return false;
            }

            foreach (var column in _columns)
            {
                column?.Read(slot);
            }

            _readRowId(ref _rowIds[slot]);
            _batch.Positions[slot] = _input.Position;
            _batchNumbers[slot] = _input.Batch;
            return true;
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            return false;
        }
    }

    private void Swap(int first, int second)
    {
        foreach (var column in _columns)
        {
            column?.Swap(first, second);
        }

        (_rowIds[first], _rowIds[second]) = (_rowIds[second], _rowIds[first]);
        (_batchNumbers[first], _batchNumbers[second]) = (_batchNumbers[second], _batchNumbers[first]);
        (_batch.Positions[first], _batch.Positions[second]) = (_batch.Positions[second], _batch.Positions[first]);
    }
}
