using System.Runtime.ExceptionServices;

namespace Mlps.Torch.Convolutions;

/// <summary>Keeps an exception of a backward pass on this thread: it cannot cross libtorch's code, where it would end the process.</summary>
/// <remarks>On CPUs, backward passes run on the thread that requests them.</remarks>
internal static class BackwardFailure
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? _first;

    /// <summary>Forgets what is left of an earlier backward pass, which may have been the host's own.</summary>
    public static void Forget() => _first = null;

    /// <summary>Keeps the first exception of a backward pass.</summary>
    public static void Keep(Exception exception) => _first ??= ExceptionDispatchInfo.Capture(exception);

    /// <summary>Throws what was kept, if anything was, and keeps it.</summary>
    public static void ThrowAgain() => _first?.Throw();

    /// <summary>Throws what was kept, if anything was.</summary>
    public static void Throw()
    {
        var failure = _first;
        _first = null;
        failure?.Throw();
    }
}
