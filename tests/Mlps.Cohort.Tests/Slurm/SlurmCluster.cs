using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mlps.Testing;
using Xunit;

namespace Mlps.Cohort.Tests.Slurm;

/// <summary>A Slurm cluster of virtual nodes on this machine, apart from any other; disposing ends it, and so does the end of this process, however it ends.</summary>
internal sealed class SlurmCluster : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    private readonly string _configuration;
    private readonly Process _script;

    private SlurmCluster(string folder, Process script) => (_configuration, _script) = (Path.Combine(folder, "slurm.conf"), script);

    /// <summary>Starts nodes n1, n2, … and waits until they are ready.</summary>
    /// <param name="folder">An empty folder for the cluster alone.</param>
    /// <param name="nodeCount">How many nodes.</param>
    public static async Task<SlurmCluster> StartAsync(string folder, int nodeCount)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "Slurm", "slurm-cluster.sh"), folder, .. FreePorts(1 + nodeCount)]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Isolate(start);
        var cluster = new SlurmCluster(folder, Process.Start(start) ?? throw new InvalidOperationException("bash did not start."));
        try
        {
            Assert.Equal("ready", await cluster.AnswerAsync());
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>A command that talks to this cluster, with nothing of another one in its environment.</summary>
    public ProcessStartInfo Command(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments);
        Isolate(start);
        start.Environment["SLURM_CONF"] = _configuration;
        return start;
    }

    /// <summary>Runs a command that must succeed, and gives what it said.</summary>
    public string Run(string program, params string[] arguments)
    {
        var (exitCode, output) = ProcessRun.ToEnd(Command(program, arguments), _limit);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}: {output}");
        return output;
    }

    /// <summary>What Slurm knows of a job or a task of an array, such as 3_1.</summary>
    public IReadOnlyDictionary<string, string> Job(string id) => Run("scontrol", "show", "job", id, "--oneliner").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(field => field.Split('=', 2)).Where(field => field.Length == 2).DistinctBy(field => field[0]).ToDictionary(field => field[0], field => field[1].Trim(), StringComparer.Ordinal);

    /// <summary>Kills a node, with its daemon and all that runs on it, and tells the controller, which would notice by itself only later.</summary>
    public async Task KillNodeAsync(string node)
    {
        await _script.StandardInput.WriteLineAsync($"kill {node}");
        await _script.StandardInput.FlushAsync();
        Assert.Equal($"killed {node}", await AnswerAsync());
        Run("scontrol", "update", $"NodeName={node}", "State=DOWN", "Reason=killed");
    }

    public void Dispose()
    {
        _script.StandardInput.Close();
        if (!_script.WaitForExit(_limit))
        {
            _script.Kill(entireProcessTree: true);
        }

        _script.Dispose();
    }

    private async Task<string?> AnswerAsync() => await _script.StandardOutput.ReadLineAsync().WaitAsync(_limit);

    /// <summary>Takes away what a cluster that the tests run on has set.</summary>
    private static void Isolate(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("SLURM", StringComparison.Ordinal) || name.StartsWith("SBATCH", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }
    }

    /// <summary>Ports that nobody listens on, all different.</summary>
    private static string[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Any, 0)).ToArray();
        Array.ForEach(listeners, listener => listener.Start());
        string[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture))];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }
}
