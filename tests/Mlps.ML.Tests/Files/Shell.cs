using System.Diagnostics;

namespace Mlps.ML.Tests.Files;

/// <summary>Makes what .NET cannot: pipes, names that are not UTF-8.</summary>
internal static class Shell
{
    public static void Run(string folder, string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-ec", script]) { WorkingDirectory = folder, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script}: {error}");
        }
    }
}
