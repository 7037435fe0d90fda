using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch and TorchSharp's native library into a Linux x64 process, once.</summary>
internal static class LibTorchLoader
{
    private static readonly Lock Gate = new();
    private static readonly List<string> Steps = [];
    private static nint _handle;
    private static LibTorchLoadException? _failure;

    /// <summary>Whether this is a platform whose loading this library knows: Linux with glibc on x64.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

    /// <summary>Whether the environment names a libtorch to use in place of the application's own.</summary>
    public static bool IsFolderNamed => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LibTorch.FolderVariable));

    /// <summary>Whether <see cref="Load"/> has succeeded.</summary>
    public static bool IsLoaded
    {
        get
        {
            lock (Gate)
            {
                return _handle != 0;
            }
        }
    }

    /// <summary>What was done so far, one line a step.</summary>
    public static IReadOnlyList<string> StepsTaken
    {
        get
        {
            lock (Gate)
            {
                return [.. Steps];
            }
        }
    }

    /// <summary>Loads libtorch and <c>libLibTorchSharp.so</c>, or returns what is loaded.</summary>
    /// <returns>The handle of <c>libLibTorchSharp.so</c>.</returns>
    /// <exception cref="LibTorchLoadException">It cannot be loaded. Later calls fail in the same way without trying again.</exception>
    public static nint Load()
    {
        lock (Gate)
        {
            if (_failure is not null)
            {
                throw new LibTorchLoadException(_failure.Message, _failure);
            }

            try
            {
                if (_handle == 0)
                {
                    var handle = LoadOnce();
                    OneDnn.Prepare(handle, Steps);
                    _handle = handle;
                }

                return _handle;
            }
            catch (Exception exception) when (exception is LibTorchLoadException or IOException or UnauthorizedAccessException or BadImageFormatException or EntryPointNotFoundException or NotSupportedException)
            {
                throw _failure = Failure(exception);
            }
        }
    }

    private static LibTorchLoadException Failure(Exception exception)
    {
        string tried = Steps.Count == 0 ? "" : $"\nWhat was tried:\n  {string.Join("\n  ", Steps)}";
        Steps.Add($"Failed: {exception.Message}");
        return new LibTorchLoadException(exception.Message + tried, exception);
    }

    private static nint LoadOnce()
    {
        IReadOnlyList<string> folders = NativeFolders.For(typeof(torch).Assembly);
        LibTorchFolder? named = LibTorchFolder.FromEnvironment();
        if (named is not null)
        {
            Steps.Add($"{LibTorch.FolderVariable} names {named.Path} (libtorch {(named.HasCuda ? "with" : "without")} CUDA).");
            CheckNothingElseIsLoaded(named, folders);
        }

        nint loaded = DynamicLinker.FindLoaded(TorchSharpLibrary.FileName);
        if (loaded != 0)
        {
            Steps.Add($"{TorchSharpLibrary.FileName} was in the process already.");
            return loaded;
        }

        // A libtorch that a cache happens to hold is nobody's choice: it serves last, and does not stand in the way of a folder that was named.
        folders = [.. folders, .. PackageCache.NativeFolders(AssemblyFile.Find(typeof(torch).Assembly), LibTorchFolder.ExpectedVersion)];
        string library = NativeFolders.Find(folders, TorchSharpLibrary.FileName) ?? throw NotFound(TorchSharpLibrary.FileName, "TorchSharp", folders);
        if (named is not null)
        {
            named.Preload(Steps);
        }
        else if (NativeFolders.Find(folders, LibTorchFolder.CpuLibrary) is { } own)
        {
            new LibTorchFolder(Path.GetDirectoryName(own)!).Preload(Steps);
        }
        else
        {
            PreloadFromSystem(folders);
        }

        return new TorchSharpLibrary(library, HostVersions.Read(Steps), Steps).Load(PatchedLibraryCache.ForUser());
    }

    // Two files of libtorch in a process register every operator twice, which ends the process.
    private static void CheckNothingElseIsLoaded(LibTorchFolder named, IReadOnlyList<string> folders)
    {
        // TorchSharp loads these by path before it asks anyone.
        foreach (string library in (string[])[LibTorchFolder.CpuLibrary, LibTorchFolder.CudaLibrary])
        {
            if (NativeFolders.Find(folders, library) is { } own && !NativeFolders.IsSameFile(own, Path.Combine(named.Path, library)))
            {
                throw new LibTorchLoadException(
                    $"{LibTorch.FolderVariable} names '{named.Path}', but the application carries a libtorch of its own, '{own}', and TorchSharp takes that first. "
                    + $"Build the application without one (-p:TorchBackend=none, in a new output folder), or unset {LibTorch.FolderVariable}.");
            }
        }

        // The linker knows a file again under any path, symbolic links included.
        nint loaded = DynamicLinker.FindLoaded(LibTorchFolder.CpuLibrary);
        if (loaded != 0 && loaded != DynamicLinker.FindLoaded(Path.Combine(named.Path, LibTorchFolder.CpuLibrary)))
        {
            throw new LibTorchLoadException(
                $"{LibTorch.FolderVariable} names '{named.Path}', but this process has already loaded '{DynamicLinker.FindLoadedPath(LibTorchFolder.CpuLibrary)}'. "
                + $"Call {nameof(LibTorch)}.{nameof(LibTorch.EnsureLoaded)}() before the first use of TorchSharp.");
        }
    }

    private static void PreloadFromSystem(IReadOnlyList<string> folders)
    {
        try
        {
            DynamicLinker.Load(LibTorchFolder.CpuLibrary);
            Steps.Add($"Loaded {DynamicLinker.FindLoadedPath(LibTorchFolder.CpuLibrary) ?? LibTorchFolder.CpuLibrary}, which the dynamic linker found.");
        }
        catch (LibTorchLoadException exception)
        {
            Steps.Add($"The dynamic linker does not find libtorch either: {exception.Message}");
            throw NotFound(LibTorchFolder.CpuLibrary, "TorchSharp-cpu", folders);
        }
    }

    private static LibTorchLoadException NotFound(string fileName, string package, IReadOnlyList<string> folders) => new(
        $"{fileName} is in none of the application's native folders ({string.Join(", ", folders)}). "
        + $"Reference the NuGet package {package} in the application, or set {LibTorch.FolderVariable} to a folder with an existing libtorch.");
}
