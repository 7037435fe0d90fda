namespace Mlps.Torch.Data;

/// <summary>Gathers the next batches on another thread while the current one is trained on.</summary>
internal sealed class BatchFeed : IDisposable
{
    /// <summary>Batches gathered ahead.</summary>
    private const int Ahead = 2;

    private readonly BatchReader _reader;
    private readonly IEnumerator<int[]> _batches;
    private readonly int _epoch;
    private readonly Queue<Task<HostBatch>> _gathering = new();

    /// <param name="reader">Reads from a store that must outlive this feed.</param>
    /// <param name="batches">Patch indices of each batch.</param>
    /// <param name="epoch">What variation is drawn for.</param>
    public BatchFeed(BatchReader reader, IEnumerable<int[]> batches, int epoch)
    {
        (_reader, _batches, _epoch) = (reader, batches.GetEnumerator(), epoch);
        for (var i = 0; i < Ahead; i++)
        {
            GatherNext();
        }
    }

    /// <summary>The next batch, which the caller disposes; null after the last one.</summary>
    public PatchBatch? Next()
    {
        if (!_gathering.TryDequeue(out var gathering))
        {
            return null;
        }

        var batch = gathering.GetAwaiter().GetResult();
        GatherNext();
        return _reader.Finish(batch);
    }

    /// <summary>Waits for what is under way, so that the store can be disposed.</summary>
    public void Dispose()
    {
        foreach (var gathering in _gathering)
        {
            ((IAsyncResult)gathering).AsyncWaitHandle.WaitOne();
        }

        _batches.Dispose();
    }

    private void GatherNext()
    {
        if (_batches.MoveNext())
        {
            var indices = _batches.Current;
            _gathering.Enqueue(Task.Run(() => _reader.Gather(indices, _epoch)));
        }
    }
}
