using System.Diagnostics;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Trainings in a process of their own that are killed and started again.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const string Probe = "Mlps.ML.TrainProbe";
    private const int Kills = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlps-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Train_KilledAtRandomMoments_EndsWithTheSameWeightsBitForBit()
    {
        var data = Path.Combine(_folder, "data");
        SyntheticTissue.Write(data, new SyntheticTissueOptions { TrainPatches = 40, ValidationPatches = 3, TestPatches = 1, PatchSize = 48, EvaluationSize = 64, ClassCount = 2 });
        var clock = Stopwatch.StartNew();
        var undisturbed = await RunAsync(data, Path.Combine(_folder, "undisturbed"), killAfter: null);
        var whole = clock.Elapsed;
        Assert.StartsWith("classifier ", undisturbed, StringComparison.Ordinal);

        var random = new Random(Environment.TickCount);
        var checkpoints = Path.Combine(_folder, "killed");
        var killed = 0;
        string? output = null;
        for (var run = 0; run < Kills && output is null; run++)
        {
            output = await RunAsync(data, checkpoints, killAfter: whole * (0.3 + (0.5 * random.NextDouble())));
            killed += output is null ? 1 : 0;
        }

        output ??= await RunAsync(data, checkpoints, killAfter: null);

        Assert.True(killed > 0, "No run was killed before it ended.");
        Assert.Equal(undisturbed, output);
        Assert.DoesNotContain(Directory.GetFiles(checkpoints), file => file.EndsWith(".checkpoint", StringComparison.Ordinal) && new FileInfo(file).Length == 0);
    }

    /// <summary>What the run printed, or null where it was killed.</summary>
    private static async Task<string?> RunAsync(string data, string checkpoints, TimeSpan? killAfter)
    {
        var own = typeof(KilledTrainingTests).Assembly.GetName().Name!;
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        string[] arguments = ["exec", "--runtimeconfig", $"{own}.runtimeconfig.json", "--depsfile", $"{own}.deps.json", $"{Probe}.dll", data, checkpoints];
        var start = new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{dotnet} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(killAfter ?? TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // SIGKILL: the process gets no chance to tidy up.
            process.Kill();
            return killAfter is null ? throw new TimeoutException($"{Probe} did not end within three minutes.") : null;
        }

        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }
}
