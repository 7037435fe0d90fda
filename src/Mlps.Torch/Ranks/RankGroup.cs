using System.Diagnostics;

namespace Mlps.Torch.Ranks;

/// <summary>The processes that train one network together, each on its share of every batch.</summary>
/// <remarks>
/// Ranks are numbered from 0. All of them must do the same steps in the same order: an exchange returns once every rank has come to it. A group is used by one thread at a time.
/// </remarks>
public abstract class RankGroup
{
    private readonly Stopwatch _exchanging = new();

    private protected RankGroup(int rank, int count) => (Rank, Count) = (rank, count);

    /// <summary>This process's number, from 0 to <see cref="Count"/> − 1; rank 0 writes checkpoints, logs and models.</summary>
    public int Rank { get; }

    /// <summary>How many processes there are; at least 1.</summary>
    public int Count { get; }

    /// <summary>Whether this is rank 0.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Time that this process has spent in exchanges so far, waiting for other ranks included.</summary>
    public TimeSpan ExchangeTime => _exchanging.Elapsed;

    /// <summary>Bytes that this process has given to exchanges so far.</summary>
    public long ExchangedBytes { get; private set; }

    /// <summary>Replaces values by their sums over all ranks, which get the same bits.</summary>
    internal void Sum<T>(Span<T> values)
        where T : unmanaged
    {
        ExchangedBytes += values.Length * (long)System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        _exchanging.Start();
        try
        {
            SumAll(values);
        }
        finally
        {
            _exchanging.Stop();
        }
    }

    /// <summary>Replaces bytes by those of one rank.</summary>
    internal void Broadcast(Span<byte> bytes, int root)
    {
        ExchangedBytes += bytes.Length;
        _exchanging.Start();
        try
        {
            BroadcastFrom(root, bytes);
        }
        finally
        {
            _exchanging.Stop();
        }
    }

    /// <summary>Sums floats, doubles, 64-bit integers or bytes in place.</summary>
    private protected abstract void SumAll<T>(Span<T> values)
        where T : unmanaged;

    /// <summary>Overwrites bytes with those of a rank.</summary>
    private protected abstract void BroadcastFrom(int root, Span<byte> bytes);
}
