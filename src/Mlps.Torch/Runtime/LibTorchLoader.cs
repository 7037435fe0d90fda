using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Mlps.Torch.Runtime;

/// <summary>Loads libtorch and TorchSharp's native library into a Linux x64 process, once.</summary>
internal static class LibTorchLoader
{
    public const string TorchSharpLibrary = "libLibTorchSharp.so";
    private const string CpuLibrary = "libtorch_cpu.so";

    private static readonly Lock Gate = new();
    private static readonly List<string> Steps = [];
    private static nint _handle;
    private static LibTorchLoadException? _failure;

    /// <summary>Whether this is a platform whose loading this library knows: Linux with glibc on x64.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

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
    /// <exception cref="LibTorchLoadException">It cannot be loaded. The same exception is thrown again by later calls.</exception>
    public static nint Load()
    {
        nint handle;
        lock (Gate)
        {
            if (_failure is not null)
            {
                throw new LibTorchLoadException(_failure.Message, _failure);
            }

            try
            {
                _handle = _handle != 0 ? _handle : LoadOnce();
                handle = _handle;
            }
            catch (Exception exception) when (exception is LibTorchLoadException or IOException or UnauthorizedAccessException or BadImageFormatException or NotSupportedException)
            {
                Steps.Add(exception.Message);
                _failure = new LibTorchLoadException($"{exception.Message}\nWhat was tried:\n  {string.Join("\n  ", Steps)}", exception);
                throw _failure;
            }
        }

        return handle;
    }

    private static nint LoadOnce()
    {
        nint loaded = DynamicLinker.FindLoaded(TorchSharpLibrary);
        if (loaded != 0)
        {
            Steps.Add($"{TorchSharpLibrary} was loaded already.");
            return loaded;
        }

        Assembly torchSharp = typeof(torch).Assembly;
        IReadOnlyList<string> folders = NativeFolders.For(torchSharp);
        string library = NativeFolders.Find(folders, TorchSharpLibrary) ?? throw NotFound(TorchSharpLibrary, "TorchSharp", folders);
        string cpu = NativeFolders.Find(folders, CpuLibrary) ?? throw NotFound(CpuLibrary, "TorchSharp-cpu", folders);
        PreloadLibTorch(Path.GetDirectoryName(cpu)!);
        return LoadTorchSharp(library);
    }

    private static void PreloadLibTorch(string folder)
    {
        foreach (string name in (string[])["libc10.so", CpuLibrary, "libtorch.so"])
        {
            DynamicLinker.Load(Path.Combine(folder, name));
            Steps.Add($"Loaded {name} from {folder}.");
        }
    }

    private static nint LoadTorchSharp(string path)
    {
        byte[] original = File.ReadAllBytes(path);
        IReadOnlyList<VersionNeed> missing = WeakVersionPatch.FindMissing(original, path, HostVersions.Read(Steps));
        if (missing.Count == 0)
        {
            Steps.Add($"Loading {path}.");
            return DynamicLinker.LoadAndBind(path);
        }

        string versions = string.Join(", ", missing.Select(need => need.Version));
        Steps.Add($"The host's {WeakVersionPatch.StandardLibrary} lacks {versions}: loading a copy of {path} in which that need is weak.");
        return LoadCopy(original, WeakVersionPatch.Apply(original, path, missing));
    }

    private static nint LoadCopy(byte[] original, byte[] content)
    {
        try
        {
            if (PatchedLibraryCache.ForUser() is { } cache)
            {
                string copy = cache.GetOrAdd(TorchSharpLibrary, original, content);
                Steps.Add($"Loading the copy {copy}.");
                return DynamicLinker.LoadAndBind(copy);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or LibTorchLoadException)
        {
            // Not writable, or on a file system that allows no code: a private copy may still work.
            Steps.Add($"The user's cache cannot be used: {exception.Message}");
        }

        string privateCopy = PatchedLibraryCache.WritePrivateCopy(TorchSharpLibrary, content);
        try
        {
            Steps.Add($"Loading the private copy {privateCopy}.");
            return DynamicLinker.LoadAndBind(privateCopy);
        }
        finally
        {
            PatchedLibraryCache.DeletePrivateCopy(privateCopy);
        }
    }

    private static LibTorchLoadException NotFound(string fileName, string package, IReadOnlyList<string> folders) => new(
        $"{fileName} is in none of the application's native folders ({string.Join(", ", folders)}). "
        + $"Reference the NuGet package {package} in the application, or set {LibTorch.FolderVariable} to a folder with an existing libtorch.");
}
