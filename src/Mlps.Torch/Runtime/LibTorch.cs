namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch, the native library behind TorchSharp.</summary>
/// <remarks>
/// Using any type of this assembly is enough: from then on TorchSharp finds libtorch. Programs that use TorchSharp before any other type
/// of this assembly call <see cref="EnsureLoaded"/> first, and so do programs that want a clear error early.
/// </remarks>
public static class LibTorch
{
    /// <summary>The environment variable that names a folder with an existing libtorch: <c>MLPS_LIBTORCH</c>.</summary>
    public const string FolderVariable = "MLPS_LIBTORCH";

    /// <summary>Loads libtorch and TorchSharp's native library; does nothing when they are loaded, and nothing on other systems than Linux x64.</summary>
    /// <remarks>Safe to call from several threads.</remarks>
    /// <exception cref="LibTorchLoadException">They cannot be loaded.</exception>
    public static void EnsureLoaded()
    {
        if (LibTorchLoader.IsSupported)
        {
            LibTorchLoader.Load();
        }
    }

    /// <summary>What was done to load libtorch so far, and with what outcome, as text for people.</summary>
    public static string Diagnose() => string.Join(Environment.NewLine, LibTorchLoader.StepsTaken);
}
