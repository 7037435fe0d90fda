using System.Runtime.ExceptionServices;

namespace Mlps.Torch.Convolutions;

/// <summary>Keeps an exception of a backward pass for the thread that requested it: it cannot cross libtorch's code, where it would end the process.</summary>
/// <remarks>
/// On CPUs, backward passes run on the thread that requests them. For tensors on a GPU libtorch has a thread of its own, so a function that computes there too takes <see cref="OfThisThread"/> with it from its forward
/// pass.
/// </remarks>
internal sealed class BackwardFailure
{
    [ThreadStatic]
    private static BackwardFailure? _ofThisThread;

    private ExceptionDispatchInfo? _first;

    /// <summary>What the backward passes that this thread requests keep.</summary>
    public static BackwardFailure OfThisThread => _ofThisThread ??= new();

    /// <summary>Forgets what is left of an earlier backward pass, which may have been the host's own.</summary>
    public void Forget() => Interlocked.Exchange(ref _first, null);

    /// <summary>Keeps the first exception of a backward pass.</summary>
    public void Keep(Exception exception) => Interlocked.CompareExchange(ref _first, ExceptionDispatchInfo.Capture(exception), null);

    /// <summary>Throws what was kept, if anything was, and keeps it.</summary>
    public void ThrowAgain() => Volatile.Read(ref _first)?.Throw();

    /// <summary>Throws what was kept, if anything was.</summary>
    public void Throw() => Interlocked.Exchange(ref _first, null)?.Throw();
}
