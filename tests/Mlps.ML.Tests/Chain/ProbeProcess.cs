using System.Diagnostics;
using Mlps.Testing;

namespace Mlps.ML.Tests.Chain;

/// <summary>A training in a process of its own.</summary>
internal static class ProbeProcess
{
    private const string Probe = "Mlps.ML.TrainProbe";

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    /// <summary>Program and arguments that train on a dataset with a checkpoint folder.</summary>
    public static string[] Command(string data, string checkpoints) => [.. Program(Probe), data, checkpoints];

    /// <summary>A program that was built beside the tests, run with their dependencies.</summary>
    public static string[] Program(string assembly)
    {
        var own = typeof(ProbeProcess).Assembly.GetName().Name!;
        return [ProcessRun.DotNet, "exec", "--runtimeconfig", $"{own}.runtimeconfig.json", "--depsfile", $"{own}.deps.json", $"{assembly}.dll"];
    }

    /// <summary>Starts a command, runs something beside it, and waits for its end.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="beside">Given the process; true where it killed it.</param>
    public static async Task<ProbeResult> RunAsync(string[] command, Func<Process, Task<bool>>? beside = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var killed = beside is not null && await beside(process);
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command[0]} did not end within {_limit.TotalMinutes} minutes.");
        }

        return new ProbeResult(killed, process.ExitCode, await output, await error);
    }
}

/// <summary>How a process ended.</summary>
internal sealed record ProbeResult(bool Killed, int ExitCode, string Output, string Error);
