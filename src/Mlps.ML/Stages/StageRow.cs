using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>A row with a stage's results: a batch of one, computed once per position of the input.</summary>
/// <remarks>
/// <c>PredictionEngine</c> makes every column active and then reads those that the prediction class has. So what is computed is what
/// getters were made for, not what is active.
/// </remarks>
internal sealed class StageRow : DataViewRow, ICurrentRow
{
    private readonly StageBindings _bindings;
    private readonly DataViewRow _input;
    private readonly HashSet<int> _active;
    private readonly SortedSet<int> _wanted = [];
    private readonly ColumnBuffer?[] _columns;
    private readonly Delegate?[] _getters;
    private RowBatch? _batch;
    private long _computedPosition = -1;
    private bool _isDisposed;

    /// <param name="bindings">The stage on the row's schema.</param>
    /// <param name="input">The row; its present values are read whenever a getter is called. Disposed with this one.</param>
    /// <param name="activeColumns">Columns of the output schema that getters may be made for.</param>
    public StageRow(StageBindings bindings, DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        if (input.Schema != bindings.InputSchema)
        {
            throw new ArgumentException("Schema of input row must be the same as the schema the mapper is bound to.", nameof(input));
        }

        _bindings = bindings;
        _input = input;
        _active = [.. activeColumns.Select(column => column.Index)];
        _columns = new ColumnBuffer?[bindings.InputSchema.Count];
        _getters = new Delegate?[bindings.Outputs.Count];
    }

    public override DataViewSchema Schema => _bindings.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    /// <inheritdoc/>
    public int Slot => _input.Position >= 0 ? 0
        : throw new InvalidOperationException("Values cannot be fetched at this time: the row has no position yet.");

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"Column '{column.Name}' is not active in this row.");
        }

        var output = _bindings.OutputIndex(column);
        if (output < 0)
        {
            return _input.GetGetter<TValue>(_input.Schema[column.Index]);
        }

        if (column.Type.RawType != typeof(TValue))
        {
            throw new InvalidOperationException(
                $"Column '{column.Name}' is {column.Type} and cannot be read as {typeof(TValue)}; read it as {column.Type.RawType}.");
        }

        if (_wanted.Add(output))
        {
            DropBatch();
        }

        return (ref TValue value) =>
        {
            Compute();
            ((ValueGetter<TValue>)_getters[output]!)(ref value);
        };
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            DropBatch();
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
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var batch = _batch ??= CreateBatch();
        var slot = Slot;
        if (_computedPosition == _input.Position)
        {
            return;
        }

        _computedPosition = -1;
        foreach (var column in _columns)
        {
            column?.Read(slot);
        }

        batch.Positions[slot] = _input.Position;
        batch.Count = 1;
        batch.Compute();
        _computedPosition = _input.Position;
    }

    private RowBatch CreateBatch()
    {
        foreach (var column in _bindings.ColumnsFor(_wanted))
        {
            if (_columns[column.Index] is null)
            {
                _columns[column.Index] = ColumnBuffer.Create(column.Type, capacity: 1);
                _columns[column.Index]!.Attach(_input, _input.Schema[column.Index]);
            }
        }

        var batch = new RowBatch(_bindings, _columns, _wanted, capacity: 1);
        foreach (var output in _wanted)
        {
            _getters[output] = batch.CreateGetter(output, this, static () => { });
        }

        return batch;
    }

    private void DropBatch()
    {
        _batch?.Dispose();
        _batch = null;
        _computedPosition = -1;
    }
}
