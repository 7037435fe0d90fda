using System.Diagnostics;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>A test that gives a process a disk of its own, which only Linux with namespaces for everybody can do; skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnMountsFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> _possible = new(() =>
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    public OwnMountsFactAttribute()
    {
        if (!_possible.Value)
        {
            Skip = "This system gives processes no mounts of their own.";
        }
    }
}
