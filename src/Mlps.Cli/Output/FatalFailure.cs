using System.Runtime.InteropServices;
using Mlps.Torch.Runtime;

namespace Mlps.Cli.Output;

/// <summary>Failures that every later image would meet too: they end a run, and are not counted as an image's own.</summary>
internal static class FatalFailure
{
    // What the system calls them: too many open files (here, in the system), no space, read-only file system, quota.
    private static readonly int[] _unixCodes = [23, 24, 28, 30, 69, 122];
    private static readonly int[] _windowsCodes = [unchecked((int)0x80070027), unchecked((int)0x80070070), unchecked((int)0x80070013), unchecked((int)0x800704DF)];

    /// <summary>What libtorch says without an exception type of its own.</summary>
    private static readonly string[] _texts = ["out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "CUDA error", "CUDNN_STATUS"];

    public static bool Is(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is OutOfMemoryException or OperationCanceledException or ObjectDisposedException or LibTorchLoadException or TypeLoadException or DllNotFoundException
                    or TypeInitializationException or BadImageFormatException or NullReferenceException or IndexOutOfRangeException or InvalidCastException
                || (inner is IOException && (OperatingSystem.IsWindows() ? _windowsCodes : _unixCodes).Contains(inner.HResult))
                || (inner is ExternalException && Array.Exists(_texts, text => inner.Message.Contains(text, StringComparison.OrdinalIgnoreCase))))
            {
                return true;
            }
        }

        return exception is AggregateException several && several.InnerExceptions.Any(Is);
    }
}
