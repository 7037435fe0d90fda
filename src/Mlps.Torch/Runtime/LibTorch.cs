using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch, the native library behind TorchSharp.</summary>
/// <remarks>
/// Using any type of this assembly is enough: from then on TorchSharp finds libtorch. Programs that use TorchSharp before any other type
/// of this assembly call <see cref="EnsureLoaded"/> first, and so do programs that want a clear error early.
/// </remarks>
public static class LibTorch
{
    /// <summary>
    /// The environment variable that names a folder with an existing libtorch, as in <c>/opt/libtorch/lib</c> or the <c>torch/lib</c> of a
    /// PyTorch installation, used in place of the one that the application carries: <c>MLPS_LIBTORCH</c>.
    /// </summary>
    public const string FolderVariable = "MLPS_LIBTORCH";

    /// <summary>
    /// Loads libtorch and TorchSharp's native library. Does nothing where they are loaded, and nothing on other systems than Linux x64
    /// with glibc, where TorchSharp's own loading serves.
    /// </summary>
    /// <remarks>Safe to call from several threads.</remarks>
    /// <exception cref="LibTorchLoadException">
    /// They cannot be loaded, or <see cref="FolderVariable"/> names a folder that is missing, holds no libtorch, or one of another version.
    /// </exception>
    public static void EnsureLoaded()
    {
        if (LibTorchLoader.IsSupported)
        {
            LibTorchLoader.Load();
        }
    }

    /// <summary>The system, the versions, and what was done to load libtorch with what outcome, as text for people. Loads nothing.</summary>
    public static string Diagnose()
    {
        var text = new StringBuilder();
        text.AppendLine($"System: {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}, {RuntimeInformation.FrameworkDescription}");
        text.AppendLine($"TorchSharp: {typeof(torch).Assembly.GetName().Version}, built for libtorch {LibTorchFolder.ExpectedVersion ?? "(unknown)"}");
        text.AppendLine($"{FolderVariable}: {(Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : "not set")}");
        if (!LibTorchLoader.IsSupported)
        {
            return text.Append("Loading: left to TorchSharp on this system").ToString();
        }

        text.AppendLine($"Native folders: {string.Join(", ", NativeFolders.For(typeof(torch).Assembly))}");
        foreach (string library in (string[])[WeakVersionPatch.StandardLibrary, "libc10.so", LibTorchFolder.CpuLibrary, LibTorchFolder.CudaLibrary, TorchSharpLibrary.FileName])
        {
            text.AppendLine($"In this process: {library} from {DynamicLinker.FindLoadedPath(library) ?? "(not loaded)"}");
        }

        IReadOnlyList<string> steps = LibTorchLoader.StepsTaken;
        text.Append(steps.Count == 0 ? "Loading: not begun" : $"Loading:\n  {string.Join("\n  ", steps)}");
        return text.ToString();
    }
}
