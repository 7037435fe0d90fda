using System.Runtime.InteropServices;

namespace Mlps.Label;

/// <summary>A second name of a file, which takes no room.</summary>
internal static partial class HardLink
{
    /// <summary>Gives a file another name; false where the system or the file system cannot.</summary>
    public static bool TryCreate(string path, string target)
    {
        try
        {
            return OperatingSystem.IsWindows() ? CreateWindows(target, path, 0) : CreateUnix(path, target) == 0;
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
