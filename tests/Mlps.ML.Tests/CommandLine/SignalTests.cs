using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Files;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Signals while a large image is predicted.</summary>
[Collection(ChainTests.Name)]
public sealed class SignalTests(TrainedChain chain) : IDisposable
{
    private const int Side = 4000;
    private const int Terminated = 128 + 15;
    private const int Interrupted = 130;

    /// <summary>Starts the rest as a program, and terminates it twice once it predicts.</summary>
    private const string TerminateTwice = """
        "$@" & program=$!
        tenths=0
        while [ ! -e out/mlps-output.json ] && [ $tenths -lt 900 ]; do sleep 0.1; tenths=$((tenths + 1)); done
        sleep 1; kill -TERM $program
        sleep 1; kill -TERM $program
        wait $program
        """;

    private readonly CommandLineFolder _folder = new(chain);

    /// <summary>Starts the rest as a program whose terminal is closed once it has trained a step.</summary>
    private const string CloseTheTerminal = """
        "$@" >log.txt 2>&1 & program=$!
        tenths=0
        while ! grep -q . logs/*.jsonl 2>/dev/null && [ $tenths -lt 600 ]; do sleep 0.1; tenths=$((tenths + 1)); done
        kill -HUP $program
        wait $program
        """;

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void HangUp_WhileTraining_WritesTheCheckpoint()
    {
        for (var number = 0; number < 6; number++)
        {
            _folder.Image($"data/train/patch{number}-[{number % 2} {(number + 1) % 2}].png", number);
        }

        var (exitCode, output) = _folder.RunAs(
            ["sh", "-c", CloseTheTerminal, "sh"],
            "train", "--data", "data", "--model", "trained.zip", "--checkpoint", "kept", "--log", "logs", "--start", "random", "--width", "0.03125", "--classifier-epochs", "4000", "--batch-size", "2");

        Assert.True(exitCode == Interrupted, output + File.ReadAllText(_folder.File("log.txt")));
        Assert.Contains("Stopping after", File.ReadAllText(_folder.File("log.txt")), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("kept/patch-classifier.checkpoint")));
    }

    /// <summary>No memory is taken for an image whose header says that it would not fit.</summary>
    [LinuxFact]
    public void Predict_ImageThatDoesNotFitTheMemory_IsRefusedByItsHeader()
    {
        PalettePng.Write(_folder.File("images/large.png"), new byte[Side * Side], Side, Side, TinyTissue.Classes.Palette);

        var (exitCode, output) = _folder.RunAs(["env", "DOTNET_GCHeapHardLimit=0x30000000"], "predict", "--model", "model.zip", "--images", "images", "--output", "out", "--fail-fast");

        Assert.True(exitCode == 1, output);
        Assert.Contains("with 768 MiB of memory, at most 2097152 in all can be read and predicted", output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void SecondSignal_WithinAnImage_EndsTheProgramAtOnce()
    {
        PalettePng.Write(_folder.File("images/large.png"), new byte[Side * Side], Side, Side, TinyTissue.Classes.Palette);
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var (exitCode, output) = _folder.RunAs(["sh", "-c", TerminateTwice, "sh"], "predict", "--model", "model.zip", "--images", "images", "--output", "out");

        Assert.Equal(Terminated, exitCode);
        Assert.Contains("a second signal ends the program at once", output, StringComparison.Ordinal);
        Assert.Empty(_folder.FilesIn("out/masks"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(100), $"It took {clock.Elapsed}.");
    }
}
