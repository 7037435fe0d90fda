namespace Mlps.ML.Stages;

/// <summary>A batch that is read and computed before or when it is needed.</summary>
internal sealed class BatchOnItsWay : IDisposable
{
    private readonly WorkAhead _reading;
    private WorkAhead? _computing;
    private bool _isFilled;
    private bool _isComputed;

    /// <param name="rows">The place for its rows; disposed with the batch.</param>
    /// <param name="read">Reads them.</param>
    public BatchOnItsWay(BatchRows rows, Action<BatchRows> read)
    {
        Rows = rows;
        _reading = new WorkAhead(() =>
        {
            read(rows);
            Volatile.Write(ref _isFilled, true);
            Interlocked.MemoryBarrier();
            Volatile.Read(ref _computing)?.Begin();
        });
    }

    public BatchRows Rows { get; }

    public bool IsRead => _reading.HasEnded;

    /// <summary>Lets another thread read the rows.</summary>
    public void BeginReading() => _reading.Begin();

    /// <summary>Returns when the rows are read.</summary>
    public void FinishReading() => _reading.Finish();

    /// <summary>Lets another thread compute the results, as soon as the rows are read; no thread waits for that.</summary>
    public void BeginComputing()
    {
        if (_computing is not null)
        {
            return;
        }

        Volatile.Write(ref _computing, new WorkAhead(() =>
        {
            FinishReading();
            if (Rows.Batch.Count > 0)
            {
                Rows.Batch.Compute();
            }
        }));

        // Either this thread sees that the rows are there, or the one that reads them sees what is to follow.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isFilled))
        {
            _computing.Begin();
        }
    }

    /// <summary>Returns when the results are there; computes them if nobody does.</summary>
    public void FinishComputing()
    {
        if (_isComputed)
        {
            return;
        }

        if (_computing is null)
        {
            Rows.Batch.Compute();
        }
        else
        {
            _computing.Finish();
        }

        _isComputed = true;
    }

    /// <summary>Waits for threads that are at work on the batch, and gives its place free.</summary>
    public BatchRows Release()
    {
        _computing?.Drop();
        _reading.Drop();
        return Rows;
    }

    /// <summary>Waits likewise, and frees the rows.</summary>
    public void Dispose() => Release().Dispose();
}
