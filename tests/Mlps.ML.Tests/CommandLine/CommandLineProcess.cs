using System.Diagnostics;
using Mlps.ML.Tests.Chain;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>The command line in a process of its own.</summary>
internal static class CommandLineProcess
{
    /// <summary>Program and arguments of a command.</summary>
    public static string[] Command(params string[] arguments) => [.. ProbeProcess.Program("mlps"), .. arguments];

    /// <summary>Runs a command to its end.</summary>
    public static Task<ProbeResult> RunAsync(params string[] arguments) => ProbeProcess.RunAsync(Command(arguments));

    /// <summary>Interrupts a process as Ctrl-C does.</summary>
    public static async Task InterruptAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
