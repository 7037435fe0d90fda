using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mlps.Torch.Runtime;

/// <summary>Files of Linux that lie in memory alone (<c>memfd_create</c>), for hosts on which nothing can be written.</summary>
internal static partial class MemoryFile
{
    /// <summary>How the path of such a file begins in <c>/proc/self/maps</c>.</summary>
    public const string Prefix = "/memfd:";

    private const uint CloseOnExec = 1;
    private const uint Executable = 0x10;

    /// <summary>Makes a file in memory.</summary>
    /// <param name="name">Its name, for people.</param>
    /// <param name="content">Its bytes.</param>
    /// <returns>The path by which this process can open it. The file lasts as long as the process: the linker knows libraries by their paths, so this one must not come to mean another file.</returns>
    /// <exception cref="IOException">The system does not allow it.</exception>
    public static string Write(string name, ReadOnlySpan<byte> content)
    {
        // Kernels before 6.3 know no flag for files with code, and need none.
        var file = Create(name, CloseOnExec | Executable);
        file = file >= 0 ? file : Create(name, CloseOnExec);
        if (file < 0)
        {
            throw new IOException($"The system gives no file in memory: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        using var handle = new SafeFileHandle(file, ownsHandle: false);
        RandomAccess.Write(handle, content, fileOffset: 0);
        return $"/proc/self/fd/{file}";
    }

    [LibraryImport("libc.so.6", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(string name, uint flags);
}
