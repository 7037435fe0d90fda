namespace Mlps.Torch.Runtime;

/// <summary>libtorch, or TorchSharp's native library on top of it, could not be loaded.</summary>
/// <remarks>
/// The message names the file or the environment variable at fault, what was expected, and what to do, and ends with
/// the steps that were tried (<see cref="LibTorch.Diagnose"/>). TorchSharp's own message blames a missing package in every case.
/// </remarks>
public sealed class LibTorchLoadException : DllNotFoundException
{
    /// <summary>Creates the exception without a cause.</summary>
    public LibTorchLoadException()
        : base("libtorch could not be loaded.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What failed, what was expected, and what to do.</param>
    public LibTorchLoadException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    /// <param name="message">What failed, what was expected, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public LibTorchLoadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
