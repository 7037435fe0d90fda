using System.Runtime.ExceptionServices;

namespace Mlps.Torch.Convolutions;

/// <summary>What went wrong in a backward pass of this library's own, on this thread: an exception cannot cross libtorch's code, and would end the process there.</summary>
/// <remarks>On CPUs, backward passes run on the thread that asks for them.</remarks>
internal static class BackwardFailure
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? _first;

    /// <summary>Forgets what is left of an earlier backward pass, which may have been the host's own.</summary>
    public static void Forget() => _first = null;

    /// <summary>Keeps the first exception of a backward pass.</summary>
    public static void Keep(Exception exception) => _first ??= ExceptionDispatchInfo.Capture(exception);

    /// <summary>Throws what was kept, if anything was.</summary>
    public static void Throw()
    {
        var failure = _first;
        _first = null;
        failure?.Throw();
    }
}
