using System.Diagnostics;
using System.Globalization;

namespace Mlps.Testing;

/// <summary>The .NET command line, in a folder and an environment of its own.</summary>
internal static class Command
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs <c>dotnet</c> on one core and gives its exit code and everything that it said.</summary>
    public static (int ExitCode, string Output) DotNet(string folder, params string[] arguments) => DotNet(folder, threads: 1, arguments);

    /// <summary>The same, with as many threads computing.</summary>
    public static (int ExitCode, string Output) DotNet(string folder, int threads, params string[] arguments) => Run(folder, threads, arguments, []);

    /// <summary>Runs an application of one file. .NET keeps what it builds of it, 0.9 GB with libtorch, in the given folder and not in the user's, where it would stay.</summary>
    public static (int ExitCode, string Output) RunFile(string folder, string builds, string file, params string[] arguments) =>
        Run(folder, threads: 1, ["run", file, "--", .. arguments], new() { ["XDG_DATA_HOME"] = builds });

    /// <summary>The same, where it must succeed.</summary>
    public static string Successful(string folder, params string[] arguments) => Successful(DotNet(folder, arguments), arguments);

    /// <summary><see cref="RunFile"/>, where it must succeed.</summary>
    public static string RunFileSuccessfully(string folder, string builds, string file, params string[] arguments) =>
        Successful(RunFile(folder, builds, file, arguments), ["run", file, "--", .. arguments]);

    private static (int ExitCode, string Output) Run(string folder, int threads, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(ProcessRun.DotNet, arguments) { WorkingDirectory = folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";

        // What the test host sets for itself must not steer another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.Ordinal) && name != "MSBUILDDISABLENODEREUSE").ToArray())
        {
            start.Environment.Remove(name);
        }

        return ProcessRun.ToEnd(start, _limit);
    }

    private static string Successful((int ExitCode, string Output) run, string[] arguments)
    {
        Assert.True(run.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {run.ExitCode}:\n{run.Output}");
        return run.Output;
    }
}
