using System.Runtime.InteropServices;

namespace Mlps.Label;

/// <summary>A second name of a file, which takes no room.</summary>
internal static partial class HardLink
{
    /// <summary>Gives a file another name; false where the system or the file system cannot.</summary>
    /// <param name="path">The file, or a symbolic link to it.</param>
    /// <param name="target">The other name.</param>
    /// <exception cref="IOException">Symbolic links lead to each other.</exception>
    public static bool TryCreate(string path, string target)
    {
        // Of a symbolic link the systems would make another one, which leads nowhere from another folder.
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        try
        {
            return OperatingSystem.IsWindows() ? CreateWindows(target, file, 0) : CreateUnix(file, target) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CreateUnix(string path, string target);

    [LibraryImport("kernel32.dll", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateWindows(string target, string path, nint security);
}
