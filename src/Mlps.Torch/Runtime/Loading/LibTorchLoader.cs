using TorchSharp;

namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch and TorchSharp's native library into a Linux x64 process, once; says why not on platforms without one.</summary>
internal static class LibTorchLoader
{
    private static readonly Lock Gate = new();
    private static readonly List<string> Steps = [];
    private static nint _handle;
    private static bool _isLoading;
    private static LibTorchLoadException? _failure;

    /// <summary>Whether this is a platform whose loading this library knows: Linux with glibc on x64.</summary>
    public static bool IsSupported => TorchPlatform.Current.IsLoadedByUs;

    /// <summary>Whether the environment names a libtorch to use in place of the application's own.</summary>
    public static bool IsFolderNamed => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LibTorch.FolderVariable));

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

    /// <summary>Loads what <see cref="Load"/> loads, if that can be done; a failure is kept for the first who needs it.</summary>
    public static void TryLoad()
    {
        try
        {
            _ = Load();
        }
        catch (LibTorchLoadException)
        {
            // Kept: Load throws it again.
        }
    }

    /// <summary>Loads libtorch and <c>libLibTorchSharp.so</c>, or returns what is loaded.</summary>
    /// <returns>The handle of <c>libLibTorchSharp.so</c>; 0 where TorchSharp's own loading serves.</returns>
    /// <exception cref="LibTorchLoadException">It cannot be loaded. Later calls fail in the same way without trying again.</exception>
    public static nint Load()
    {
        lock (Gate)
        {
            if (_failure is not null)
            {
                throw new LibTorchLoadException(_failure.Message, _failure);
            }

            // Looking at TorchSharp's assembly loads it, which brings the same thread here once more.
            if (_handle != 0 || _isLoading)
            {
                return _handle;
            }

            _isLoading = true;
            try
            {
                return _handle = LoadHere(TorchPlatform.Current);
            }
            catch (Exception exception) when (exception is LibTorchLoadException or IOException or UnauthorizedAccessException or BadImageFormatException or EntryPointNotFoundException or NotSupportedException)
            {
                throw _failure = Failure(exception);
            }
            finally
            {
                _isLoading = false;
            }
        }
    }

    /// <summary>Lets TorchSharp begin, which it does once in a process, and never again where that failed.</summary>
    /// <exception cref="LibTorchLoadException">It failed, now or before.</exception>
    public static void StartTorchSharp()
    {
        try
        {
            // Any of its functions begins it.
            _ = torch.get_default_dtype();
        }
        catch (TypeInitializationException exception)
        {
            throw exception.InnerException as LibTorchLoadException ?? new LibTorchLoadException(
                $"TorchSharp has failed in this process, and does not try again: it was used before libtorch was loaded. Call {nameof(LibTorch)}.{nameof(LibTorch.EnsureLoaded)}() as the program's first step. "
                + $"What it said begins with: {exception.InnerException?.Message.Split('\n')[0]}",
                exception);
        }
    }

    private static nint LoadHere(TorchPlatform platform)
    {
        if (!ProcessSettings.IsOn(ProcessSettings.LoadLibTorch))
        {
            ProcessSettings.NoteOff(ProcessSettings.LoadLibTorch);
            return !IsFolderNamed
                ? 0
                : throw new LibTorchLoadException($"{LibTorch.FolderVariable} is set, and the application's switch {ProcessSettings.LoadLibTorch} leaves the choice of libtorch to TorchSharp. Unset the variable, or take the switch away.");
        }

        if (platform.WhyNot(IsFolderNamed, () => NativeFolders.CarriesTorchSharp(typeof(torch).Assembly)) is { } reason)
        {
            throw new LibTorchLoadException(reason);
        }

        if (!platform.IsLoadedByUs)
        {
            return 0;
        }

        WaitingThreads.SpinBriefly();
        FreedMemory.Keep();
        var handle = LoadOnce();
        OneDnn.Prepare(handle, Steps);
        ProcessSettings.Note(ProcessSettings.LoadLibTorch, "on: this library chose the libtorch");
        return handle;
    }

    private static LibTorchLoadException Failure(Exception exception)
    {
        var tried = Steps.Count == 0 ? "" : $"\nWhat was tried:\n  {string.Join("\n  ", Steps)}";
        Steps.Add($"Failed: {exception.Message}");
        return new LibTorchLoadException(exception.Message + tried, exception);
    }

    private static nint LoadOnce()
    {
        var folders = NativeFolders.For(typeof(torch).Assembly);
        var named = LibTorchFolder.FromEnvironment();
        if (named is not null)
        {
            Steps.Add($"{LibTorch.FolderVariable} names {named.Path} (libtorch {(named.HasCuda ? "with" : "without")} CUDA).");
        }

        // A libtorch found in a package cache comes last, after any folder that was named.
        IReadOnlyList<string> all = [.. folders, .. PackageCache.NativeFolders(AssemblyFile.Find(typeof(torch).Assembly), LibTorchFolder.ExpectedVersion)];
        var own = NativeFolders.Find(named is null ? all : folders, LibTorchFolder.CpuLibrary);
        LibTorchChoice.Check(named, own, folders);

        var loaded = DynamicLinker.FindLoaded(TorchSharpLibrary.FileName);
        if (loaded != 0)
        {
            Steps.Add($"{TorchSharpLibrary.FileName} was in the process already.");
            return loaded;
        }

        var library = NativeFolders.Find(all, TorchSharpLibrary.FileName) ?? throw LibTorchChoice.NotFound(TorchSharpLibrary.FileName, "TorchSharp", all);
        var chosen = named ?? (own is null ? LibTorchChoice.FromSystem(all, Steps) : new LibTorchFolder(Path.GetDirectoryName(own)!));
        chosen.Preload(Steps);
        return new TorchSharpLibrary(library, HostVersions.Read(Steps), Steps).Load(PatchedLibraryCache.ForUser(Steps));
    }
}
