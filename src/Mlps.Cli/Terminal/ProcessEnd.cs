using System.Runtime.InteropServices;

namespace Mlps.Cli.Terminal;

/// <summary>Ends this process at once, as a kill would, but with an exit code.</summary>
/// <remarks><see cref="Environment.Exit"/> would take libtorch apart while other threads compute with it.</remarks>
internal static partial class ProcessEnd
{
    public static void Now(int exitCode)
    {
        Console.Out.Flush();
        if (OperatingSystem.IsWindows())
        {
            TerminateProcess(GetCurrentProcess(), (uint)exitCode);
        }
        else
        {
            Exit(exitCode);
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Exit(int status);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetCurrentProcess();

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool TerminateProcess(nint process, uint exitCode);
}
