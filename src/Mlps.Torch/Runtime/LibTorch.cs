using System.Runtime.InteropServices;
using System.Text;

namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch, the native library that TorchSharp calls.</summary>
/// <remarks>
/// Using any type of this assembly is enough: libtorch is then loaded before TorchSharp is used. Programs that use TorchSharp before any other type
/// of this assembly call <see cref="EnsureLoaded"/> first, and so do programs that want a clear error early. What else loading sets in the process, and the switches by which an application says no, is in docs/libtorch.md.
/// </remarks>
public static class LibTorch
{
    /// <summary>The environment variable that names a folder with an existing libtorch to use: <c>MLPS_LIBTORCH</c>.</summary>
    /// <remarks>For example <c>/opt/libtorch/lib</c>, or <c>torch/lib</c> of a PyTorch installation. It replaces the libtorch that the application carries.</remarks>
    public const string FolderVariable = "MLPS_LIBTORCH";

    /// <summary>Loads libtorch and TorchSharp's native library if they are not loaded yet, or throws the reason why that failed.</summary>
    /// <remarks>Safe to call from several threads. On Windows and macOS, TorchSharp loads them itself when it is first used.</remarks>
    /// <exception cref="LibTorchLoadException">
    /// They cannot be loaded, there is none for this platform, or <see cref="FolderVariable"/> names a folder that is missing, holds no libtorch, or one of another version, or is set on a system on which it does not work.
    /// </exception>
    public static void EnsureLoaded()
    {
        _ = LibTorchLoader.Load();
        if (ProcessSettings.IsOn(ProcessSettings.LoadLibTorch))
        {
            LibTorchLoader.StartTorchSharp();
        }
    }

    /// <summary>A readable report of the system, versions, process settings and steps of loading libtorch; it loads nothing.</summary>
    public static string Diagnose()
    {
        var text = new StringBuilder();
        text.AppendLine($"System: {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}, {RuntimeInformation.FrameworkDescription}");
        text.AppendLine(LibTorchHook.LoadedTorchSharp is { } torchSharp
            ? $"TorchSharp: {torchSharp.GetName().Version}, built for libtorch {LibTorchFolder.ExpectedVersion ?? "(unknown)"}"
            : "TorchSharp: not used yet");
        text.AppendLine($"{FolderVariable}: {(Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : "not set")}");
        if (LibTorchLoader.IsSupported)
        {
            text.AppendLine($"Native folders: {string.Join(", ", NativeFolders.For(LibTorchHook.LoadedTorchSharp ?? typeof(LibTorch).Assembly))}");
            foreach (var library in (string[])[WeakVersionPatch.StandardLibrary, "libc10.so", LibTorchFolder.CpuLibrary, LibTorchFolder.CudaLibrary, TorchSharpLibrary.FileName])
            {
                var files = DynamicLinker.FindLoadedPaths(library);
                text.AppendLine($"In this process: {library} from {(files.Count == 0 ? "(not loaded)" : string.Join(" and ", files))}");
            }
        }
        else
        {
            text.AppendLine($"Platform: {TorchPlatform.Current}; libtorch exists for {TorchPlatform.Served}");
        }

        text.AppendLine($"Settings of the process, each with its switch:\n  {string.Join("\n  ", ProcessSettings.Describe())}");
        var steps = LibTorchLoader.StepsTaken;
        text.Append(steps.Count == 0 ? "Loading: not begun" : $"Loading:\n  {string.Join("\n  ", steps)}");
        return text.ToString();
    }
}
