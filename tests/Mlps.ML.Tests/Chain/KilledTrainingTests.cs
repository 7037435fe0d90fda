using System.Diagnostics;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Trainings in a process of their own that are killed and started again.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_KilledAtRandomMoments_EndsWithTheSameWeightsBitForBit()
    {
        var data = _folder.Combine("data");
        SyntheticTissue.Write(data, new SyntheticTissueOptions { TrainPatches = 40, ValidationPatches = 3, TestPatches = 1, PatchSize = 48, EvaluationSize = 64, ClassCount = 2 });
        var undisturbed = await RunAsync(data, _folder.Combine("undisturbed"), killIn: null);
        Assert.StartsWith("classifier ", undisturbed, StringComparison.Ordinal);

        var checkpoints = _folder.Combine("killed");
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
        var result = await ProbeProcess.RunAsync(ProbeProcess.Command(data, checkpoints), async process =>
        {
            if (killIn is null || !await WroteCheckpointAsync(process, Path.Combine(checkpoints, killIn + ".checkpoint")))
            {
                return false;
            }

            // SIGKILL: the process gets no chance to tidy up.
            process.Kill();
            return true;
        });
        Assert.True(result.Killed || result.ExitCode == 0, result.Error);
        return result.Killed ? null : result.Output;
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
