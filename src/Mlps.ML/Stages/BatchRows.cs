using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>A batch with all that a cursor hands out of its rows: their columns, results, ids and batch numbers.</summary>
internal sealed class BatchRows : IDisposable
{
    private readonly ColumnBuffer?[] _columns;
    private readonly RowBatch _batch;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batchNumbers;

    /// <param name="bindings">The stage on the input's schema.</param>
    /// <param name="columns">Columns of the input that are read.</param>
    /// <param name="outputs">Indices of the outputs to compute.</param>
    /// <param name="capacity">Rows, at most.</param>
    public BatchRows(StageBindings bindings, IEnumerable<DataViewSchema.Column> columns, IEnumerable<int> outputs, int capacity)
    {
        _columns = new ColumnBuffer?[bindings.InputSchema.Count];
        foreach (var column in columns)
        {
            _columns[column.Index] ??= ColumnBuffer.Create(column.Type, capacity);
        }

        _batch = new RowBatch(bindings, _columns, outputs, capacity);
        _ids = new DataViewRowId[capacity];
        _batchNumbers = new long[capacity];
    }

    /// <summary>The rows as the stage sees them.</summary>
    public RowBatch Batch => _batch;

    /// <summary>Columns of the input; null where one is not read.</summary>
    public IReadOnlyList<ColumnBuffer?> Columns => _columns;

    public ref DataViewRowId Id(int row) => ref _ids[row];

    public ref long BatchNumber(int row) => ref _batchNumbers[row];

    /// <summary>Exchanges a row with one of another batch of the same columns.</summary>
    public void Swap(int row, BatchRows other, int otherRow)
    {
        for (var column = 0; column < _columns.Length; column++)
        {
            _columns[column]?.Swap(row, other._columns[column]!, otherRow);
        }

        (_ids[row], other._ids[otherRow]) = (other._ids[otherRow], _ids[row]);
        (_batchNumbers[row], other._batchNumbers[otherRow]) = (other._batchNumbers[otherRow], _batchNumbers[row]);
        (_batch.Positions[row], other._batch.Positions[otherRow]) = (other._batch.Positions[otherRow], _batch.Positions[row]);
    }

    public void Dispose()
    {
        _batch.Dispose();
        foreach (var column in _columns)
        {
            column?.Dispose();
        }
    }
}
