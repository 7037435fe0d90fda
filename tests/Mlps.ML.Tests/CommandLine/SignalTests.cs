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

    public void Dispose() => _folder.Dispose();

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
