using System.Diagnostics;
using Microsoft.ML.Data;

namespace Mlps.Slides;

/// <summary>Reads the images of tiles before they are needed: a few at a time, in order.</summary>
internal sealed class TileAhead : IDisposable
{
    private readonly SlideTiles _tiles;
    private readonly TaskFactory<MLImage> _readers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Task<MLImage>> _ahead = new();
    private int _next;
    private Task<MLImage>? _current;

    public TileAhead(SlideTiles tiles)
    {
        _tiles = tiles;
        _readers = new TaskFactory<MLImage>(
            _stop.Token, TaskCreationOptions.DenyChildAttach, TaskContinuationOptions.None, new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, tiles.Options.EffectiveReaders).ConcurrentScheduler);
    }

    /// <summary>Goes to the next tile.</summary>
    public void MoveNext()
    {
        Drop(_current);
        Start();
        _ahead.TryDequeue(out _current);
    }

    /// <summary>Starts reading as far ahead as the options allow.</summary>
    public void Start()
    {
        while (_ahead.Count <= _tiles.Options.ReadAhead && _next < _tiles.Count)
        {
            var place = _tiles.Place(_next++);
            _ahead.Enqueue(_readers.StartNew(() => _tiles.Read(place)));
        }
    }

    /// <summary>The image of the present tile, which is the caller's from now on; read again where it was taken before.</summary>
    /// <exception cref="SlideException">The slide is damaged there.</exception>
    public MLImage Take(TilePlace place)
    {
        if (_current is not { } task)
        {
            return _tiles.Read(place);
        }

        _current = null;
        var start = Stopwatch.GetTimestamp();
        var image = task.GetAwaiter().GetResult();
        _tiles.WaitSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return image;
    }

    /// <summary>Stops reading; returns when no thread reads any more.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        Drop(_current);
        _current = null;
        while (_ahead.TryDequeue(out var task))
        {
            Drop(task);
        }

        _stop.Dispose();
    }

    private static void Drop(Task<MLImage>? task)
    {
        if (task is null)
        {
            return;
        }

        ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        if (task.IsCompletedSuccessfully)
        {
            task.Result.Dispose();
        }
        else
        {
            // Seen here, so that it counts as seen: nobody asked for the image.
            _ = task.Exception;
        }
    }
}
