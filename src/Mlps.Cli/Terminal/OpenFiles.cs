using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlps.Cli.Terminal;

/// <summary>How many files the process may have open at once, as <c>ulimit -n</c> says.</summary>
internal static partial class OpenFiles
{
    /// <summary>The runtime, its assemblies and libtorch take about 100.</summary>
    private const ulong Needed = 128;

    private const int LinuxResource = 7;
    private const int StandardError = 2;

    /// <summary>Tells the user where they are too few; false where they are enough, or where it is not known.</summary>
    /// <remarks>Asked before anything else: with too few, .NET fails wherever it happens to load an assembly. So does its console, and the message is written without it.</remarks>
    public static bool AreTooFew()
    {
        if (Fault() is not { } fault)
        {
            return false;
        }

        var bytes = Encoding.UTF8.GetBytes(fault + "\n");
        _ = Write(StandardError, bytes, bytes.Length);
        return true;
    }

    /// <summary>What to tell the user where they are too few; null where they are enough, or where it is not known.</summary>
    private static string? Fault() => OperatingSystem.IsLinux() && GetLimit(LinuxResource, out var limit) == 0 && limit.Now < Needed
        ? string.Create(CultureInfo.InvariantCulture, $"error: The process may have {limit.Now} files open at once, and needs {Needed}. Allow more, for instance with: ulimit -n 1024")
        : null;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(int file, byte[] bytes, nint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Now;
        public ulong Most;
    }
}
