using System.Diagnostics;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Trainings in a process of their own that are killed and started again.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const string Probe = "Mlps.ML.TrainProbe";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlps-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Train_KilledAtRandomMoments_EndsWithTheSameWeightsBitForBit()
    {
        var data = Path.Combine(_folder, "data");
        SyntheticTissue.Write(data, new SyntheticTissueOptions { TrainPatches = 40, ValidationPatches = 3, TestPatches = 1, PatchSize = 48, EvaluationSize = 64, ClassCount = 2 });
        var undisturbed = await RunAsync(data, Path.Combine(_folder, "undisturbed"), killIn: null);
        Assert.StartsWith("classifier ", undisturbed, StringComparison.Ordinal);

        var checkpoints = Path.Combine(_folder, "killed");
        string? output = null;
        var killed = 0;
        foreach (var stage in (string[])["patch-classifier", "patch-classifier", "segmenter", "segmenter"])
        {
            output = await RunAsync(data, checkpoints, stage);
            killed += output is null ? 1 : 0;
            if (output is not null)
            {
                break;
            }
        }

        output ??= await RunAsync(data, checkpoints, killIn: null);

        Assert.True(killed > 0, "No run was killed before it ended.");
        Assert.Equal(undisturbed, output);
    }

    /// <summary>What the run printed, or null where it was killed.</summary>
    private static async Task<string?> RunAsync(string data, string checkpoints, string? killIn)
    {
        var own = typeof(KilledTrainingTests).Assembly.GetName().Name!;
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        string[] arguments = ["exec", "--runtimeconfig", $"{own}.runtimeconfig.json", "--depsfile", $"{own}.deps.json", $"{Probe}.dll", data, checkpoints];
        var start = new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{dotnet} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (killIn is not null && await WroteCheckpointAsync(process, Path.Combine(checkpoints, killIn + ".checkpoint")))
        {
            // SIGKILL: the process gets no chance to tidy up.
            process.Kill();
            await process.WaitForExitAsync();
            return null;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{Probe} did not end within three minutes.");
        }

        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }

    /// <summary>Waits for the process to write a checkpoint, and then a random moment; false where it ended before.</summary>
    private static async Task<bool> WroteCheckpointAsync(Process process, string path)
    {
        var before = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : default;
        while (!process.HasExited)
        {
            if (File.Exists(path) && File.GetLastWriteTimeUtc(path) != before)
            {
                await Task.Delay(Random.Shared.Next(300));
                return !process.HasExited;
            }

            await Task.Delay(2);
        }

        return false;
    }
}
