namespace Mlps.ML.Stages;

/// <summary>The batches of a table one after the other: the next is read, and may be computed, while the rows of one are handed out.</summary>
/// <remarks>
/// Nothing is done ahead of a batch before one of its results is requested. At most two batches are in memory, three where one is computed ahead.
/// </remarks>
/// <param name="reader">Disposed with this object.</param>
/// <param name="create">Makes the place for a batch's rows.</param>
/// <param name="readsAhead">Whether another thread reads the next batch.</param>
/// <param name="computesAhead">Whether another thread computes the next batch, and one more is read.</param>
internal sealed class BatchesAhead(BatchReader reader, Func<BatchRows> create, bool readsAhead, bool computesAhead) : IDisposable
{
    private readonly int _most = (readsAhead, computesAhead) switch
    {
        (false, _) => 0,
        (true, false) => 1,
        _ => 2,
    };

    private readonly Queue<BatchOnItsWay> _ahead = new();
    private readonly Stack<BatchRows> _free = new();
    private BatchOnItsWay? _current;
    private BatchOnItsWay? _latest;

    /// <summary>Goes to the next batch; one without rows at the end.</summary>
    public BatchRows Next()
    {
        if (_current is not null)
        {
            // What was made of a batch that nobody requested must not be taken for the next one's.
            var passed = _current.Release();
            passed.Batch.DropPrepared();
            _free.Push(passed);
        }

        _current = _ahead.TryDequeue(out var next) ? next : Create(reader.Fill);
        _current.FinishReading();
        if (_current.Rows.Batch.Count == 0)
        {
            reader.ThrowFailure();
        }

        return _current.Rows;
    }

    /// <summary>Computes the present batch, and begins with the ones that follow.</summary>
    public void Compute()
    {
        ReadAhead();
        _current!.FinishComputing();
        if (computesAhead && _ahead.TryPeek(out var next))
        {
            next.BeginComputing();
            ReadAhead();
        }
    }

    /// <summary>Returns when no thread is at work for this table any more.</summary>
    public void Dispose()
    {
        reader.Stop();
        foreach (var batch in _ahead)
        {
            batch.Dispose();
        }

        _current?.Dispose();
        foreach (var rows in _free)
        {
            rows.Dispose();
        }

        reader.Dispose();
    }

    private void ReadAhead()
    {
        // The input is one thread's at a time: a batch is begun when the last one is read.
        if (_ahead.Count < _most && (_ahead.Count == 0 || _latest!.IsRead) && !reader.IsExhausted)
        {
            _latest = Create(Prepare);
            _ahead.Enqueue(_latest);
            _latest.BeginReading();
        }
    }

    private BatchOnItsWay Create(Action<BatchRows> read) => new(_free.TryPop(out var rows) ? rows : create(), read);

    private void Prepare(BatchRows rows)
    {
        reader.Fill(rows);
        if (rows.Batch.Count > 0)
        {
            rows.Batch.Prepare();
        }
    }
}
