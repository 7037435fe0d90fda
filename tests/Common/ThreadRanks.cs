using System.Numerics;
using System.Runtime.ExceptionServices;
using Mlps.Torch.Ranks;

namespace Mlps.Testing;

/// <summary>Ranks that are threads of this process.</summary>
internal sealed class ThreadRanks : RankGroup
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    private readonly Room _room;

    private ThreadRanks(Room room, int rank, int count)
        : base(rank, count) => _room = room;

    /// <summary>Called before each exchange; may throw.</summary>
    public Action? BeforeExchange { get; set; }

    /// <summary>Exchanges so far.</summary>
    public int Exchanges { get; private set; }

    /// <summary>A group of one.</summary>
    public static ThreadRanks Alone() => new(new Room(1), 0, 1);

    /// <summary>Does the same on several threads, one for each rank, and gives their results by rank.</summary>
    /// <exception cref="Exception">What the first rank that failed threw; the others stop at their next exchange.</exception>
    public static T[] Run<T>(int count, Func<ThreadRanks, T> work)
    {
        using var room = new Room(count);
        var results = new T[count];
        Thread[] threads = [.. Enumerable.Range(0, count).Select(rank => new Thread(() => Do(rank)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        room.First?.Throw();
        return results;

        void Do(int rank)
        {
            try
            {
                results[rank] = work(new ThreadRanks(room, rank, count));
            }
            catch (Exception exception)
            {
                room.Break(exception);
            }
        }
    }

    private protected override void SumAll<T>(Span<T> values)
    {
        if (values is { Length: 0 })
        {
            throw new ArgumentException("There is nothing to sum.");
        }

        var own = values.ToArray();
        Array sum = own switch
        {
            float[] numbers => Add(numbers),
            double[] numbers => Add(numbers),
            long[] numbers => Add(numbers),
            byte[] numbers => Add(numbers),
            _ => throw new NotSupportedException(typeof(T).Name),
        };
        ((T[])sum).CopyTo(values);
    }

    private protected override void BroadcastFrom(int root, Span<byte> bytes)
    {
        var all = Exchange(bytes.ToArray());
        ((byte[])all[root]).CopyTo(bytes);
    }

    private TNumber[] Add<TNumber>(TNumber[] own)
        where TNumber : INumber<TNumber>
    {
        var all = Exchange(own);
        var sum = new TNumber[own.Length];
        foreach (TNumber[] values in all)
        {
            // As long as its own: ranks that do different things must not go unseen.
            for (var i = 0; i < Math.Max(sum.Length, values.Length); i++)
            {
                sum[i] += values[i];
            }
        }

        return sum;
    }

    private object[] Exchange(object own)
    {
        Exchanges++;
        BeforeExchange?.Invoke();
        return _room.Exchange(Rank, own);
    }

    /// <summary>Where the ranks meet.</summary>
    private sealed class Room(int count) : IDisposable
    {
        private readonly Barrier _barrier = new(count);
        private readonly CancellationTokenSource _broken = new();
        private readonly object[] _slots = new object[count];
        private ExceptionDispatchInfo? _first;

        public ExceptionDispatchInfo? First => _first;

        public void Break(Exception exception)
        {
            Interlocked.CompareExchange(ref _first, ExceptionDispatchInfo.Capture(exception), null);
            _broken.Cancel();
        }

        public object[] Exchange(int rank, object own)
        {
            _slots[rank] = own;
            Meet();
            object[] all = [.. _slots];
            Meet();
            return all;
        }

        public void Dispose()
        {
            _barrier.Dispose();
            _broken.Dispose();
        }

        private void Meet()
        {
            if (!_barrier.SignalAndWait(_limit, _broken.Token))
            {
                throw new TimeoutException("Another rank did not come to an exchange.");
            }
        }
    }
}
