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
    public static (int ExitCode, string Output) DotNet(string folder, int threads, params string[] arguments)
    {
        var start = new ProcessStartInfo(ProcessRun.DotNet, arguments) { WorkingDirectory = folder };
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

    /// <summary>The same, where it must succeed.</summary>
    public static string Successful(string folder, params string[] arguments)
    {
        var (exitCode, output) = DotNet(folder, arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }
}
