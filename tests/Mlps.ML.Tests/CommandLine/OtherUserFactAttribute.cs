using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>A test of missing permissions, which root does not notice: its process runs as a user without rights; skipped where that cannot be.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OtherUserFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> _possible = new(() =>
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return true;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo(Prefix[0], [.. Prefix[1..], "test", "-r", typeof(OtherUserFactAttribute).Assembly.Location]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    public OtherUserFactAttribute()
    {
        if (!_possible.Value)
        {
            Skip = "No process can be started as a user without rights (setpriv), or that user may not read the tests.";
        }
    }

    /// <summary>What comes before a command so that it runs without root's rights; nothing where this process has none.</summary>
    public static string[] Prefix => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
}
