using System.Diagnostics;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>A test that gives a process a disk of its own, which only Linux with namespaces for everybody can do; skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnMountsFactAttribute : FactAttribute
{
    internal const string Impossible = "This system gives processes no mounts of their own.";

    internal static readonly Lazy<bool> Possible = new(() =>
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
        if (!Possible.Value)
        {
            Skip = Impossible;
        }
    }
}

/// <summary>The same for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnMountsTheoryAttribute : TheoryAttribute
{
    public OwnMountsTheoryAttribute() => Skip = OwnMountsFactAttribute.Possible.Value ? null : OwnMountsFactAttribute.Impossible;
}
