using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Stages;

/// <summary>Fills batches with the rows of a cursor, in their order; used by one thread at a time.</summary>
/// <remarks>
/// The input is read once: every active column of a row is copied into the batch. A row that cannot be read ends the batch, and the next
/// batch has no rows.
/// </remarks>
internal sealed class BatchReader : IDisposable
{
    private readonly IStage _stage;
    private readonly DataViewRowCursor _input;
    private readonly ValueGetter<DataViewRowId> _readRowId;
    private readonly BatchRows _next;
    private volatile bool _isStopped;
    private bool _hasNext;
    private bool _isAtEnd;
    private ExceptionDispatchInfo? _failure;

    /// <param name="stage">Says which rows make a batch.</param>
    /// <param name="input">Disposed with this reader.</param>
    /// <param name="next">A batch of one row, for the row that is read next.</param>
    public BatchReader(IStage stage, DataViewRowCursor input, BatchRows next)
    {
        (_stage, _input, _next) = (stage, input, next);
        _readRowId = input.GetIdGetter();
        for (var column = 0; column < next.Columns.Count; column++)
        {
            next.Columns[column]?.Attach(input, input.Schema[column]);
        }
    }

    /// <summary>Whether later batches have no rows.</summary>
    public bool IsExhausted => !_hasNext && (_isAtEnd || _failure is not null);

    /// <summary>The input's batch number before the first row and after the last one.</summary>
    public long InputBatch => _input.Batch;

    /// <summary>Reads as many rows as make a batch; none at the table's end, and where a row cannot be read.</summary>
    public void Fill(BatchRows rows)
    {
        var batch = rows.Batch;
        batch.Count = 0;
        while (batch.Count < batch.Capacity && !_isStopped && (_hasNext || TryRead()))
        {
            rows.Swap(batch.Count, _next, 0);
            _hasNext = batch.Count > 0 && !_stage.SharesBatch(batch, 0, batch.Count);
            if (_hasNext)
            {
                rows.Swap(batch.Count, _next, 0);
                return;
            }

            batch.Count++;
        }
    }

    /// <summary>Throws where the rows ended because one cannot be read.</summary>
    public void ThrowFailure() => _failure?.Throw();

    /// <summary>Lets a thread that reads stop at the next row.</summary>
    public void Stop() => _isStopped = true;

    public void Dispose()
    {
        _next.Dispose();
        _input.Dispose();
    }

    private bool TryRead()
    {
        if (_failure is not null || _isAtEnd)
        {
            return false;
        }

        try
        {
            if (!_input.MoveNext())
            {
                _isAtEnd = true;
                return false;
            }

            foreach (var column in _next.Columns)
            {
                column?.Read(0);
            }

            _readRowId(ref _next.Id(0));
            _next.Batch.Positions[0] = _input.Position;
            _next.BatchNumber(0) = _input.Batch;
            return true;
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            return false;
        }
    }
}
