using System.Diagnostics;

namespace Mlps.Testing;

/// <summary>Programs that a test starts and waits for.</summary>
internal static class ProcessRun
{
    /// <summary>The .NET host that the tests run in; in a test host of its own, the one on the path.</summary>
    public static string DotNet { get; } = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    /// <summary>Runs a program to its end and gives its exit code and everything that it wrote, errors last.</summary>
    /// <exception cref="TimeoutException">It was still running at the limit and was killed.</exception>
    public static (int ExitCode, string Output) ToEnd(ProcessStartInfo start, TimeSpan limit)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end within {limit.TotalMinutes} minutes: {output.GetAwaiter().GetResult()}");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
    }
}
