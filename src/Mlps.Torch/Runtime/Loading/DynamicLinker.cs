using System.Runtime.InteropServices;

namespace Mlps.Torch.Runtime;

/// <summary>The dynamic linker of Linux (glibc), with the flags that <see cref="NativeLibrary"/> does not offer.</summary>
internal static partial class DynamicLinker
{
    private const int Lazy = 0x1;
    private const int Now = 0x2;
    private const int NoLoad = 0x4;
    private const int Global = 0x100;

    /// <summary>Loads a library; its functions are resolved when they are first called.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>Its handle, usable as one from <see cref="NativeLibrary"/>.</returns>
    /// <exception cref="LibTorchLoadException">It cannot be loaded; the message is the linker's.</exception>
    public static nint Load(string path) => Load(path, Lazy);

    /// <summary>Loads a library whose symbols all libraries loaded later may use.</summary>
    /// <inheritdoc cref="Load(string)"/>
    public static nint LoadGlobal(string path) => Load(path, Lazy | Global);

    /// <summary>Loads a library and resolves all of its functions now: a missing one is an error here and not the end of the process later.</summary>
    /// <inheritdoc cref="Load(string)"/>
    public static nint LoadAndBind(string path) => Load(path, Now);

    /// <summary>The handle of a library that is in the process already, or 0.</summary>
    /// <param name="name">Its name (<c>DT_SONAME</c>), as in <c>libtorch_cpu.so</c>.</param>
    public static nint FindLoaded(string name) => Open(name, Lazy | NoLoad);

    /// <summary>The file that a loaded library came from, or null if it is not loaded or cannot be told.</summary>
    /// <param name="fileNamePrefix">How its file's name starts; a file may carry its full version after it.</param>
    public static string? FindLoadedPath(string fileNamePrefix) => FindLoadedPaths(fileNamePrefix) is [var first, ..] ? first : null;

    /// <summary>The files from which libraries of this name were loaded, usually one; empty if unknown.</summary>
    /// <inheritdoc cref="FindLoadedPath"/>
    public static IReadOnlyList<string> FindLoadedPaths(string fileNamePrefix)
    {
        try
        {
            return [.. File.ReadLines("/proc/self/maps").Select(PathIn).OfType<string>().Where(path => NameOf(path).StartsWith(fileNamePrefix, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc the caller goes on without the path.
            return [];
        }
    }

    private static string? PathIn(string line) => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var start ? line[start..] : null;

    // A copy in memory shows as '/memfd:name (deleted)'.
    private static string NameOf(string path) => path.StartsWith(MemoryFile.Prefix, StringComparison.Ordinal) ? path[MemoryFile.Prefix.Length..] : Path.GetFileName(path);

    private static nint Load(string path, int flags)
    {
        // Asked once before, so that asking afterwards does not itself search for dlerror, which would clear the error.
        _ = Error();
        var handle = Open(path, flags);
        return handle != 0
            ? handle
            : throw new LibTorchLoadException(Marshal.PtrToStringUTF8(Error()) ?? $"'{path}' cannot be loaded, and the dynamic linker does not say why.");
    }

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("libc.so.6", EntryPoint = "dlerror")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Error();
}
