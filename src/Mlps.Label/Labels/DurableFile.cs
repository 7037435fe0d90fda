using System.Runtime.InteropServices;
using Mlps.Torch;

namespace Mlps.Label;

/// <summary>Files that are on disk once they are written, and complete or as they were before, even if the power fails.</summary>
internal static partial class DurableFile
{
    /// <summary>Writes a whole file to a temporary name, then to the disk, and gives it its name.</summary>
    /// <exception cref="IOException">It is not on disk; an existing one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; an existing one is unchanged.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        AtomicFile.Write(path, content, toDisk: true);
        FlushNames(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Creates a folder below one that exists, and writes its name to the disk.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static void CreateFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            FlushNames(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        }
    }

    /// <summary>Writes the names in a folder to the disk, as far as the system has a call for it.</summary>
    public static void FlushNames(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open(folder, flags: 0);
        if (handle >= 0)
        {
            // Some file systems know no such call for folders; the file itself is on disk.
            _ = Synchronize(handle);
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
