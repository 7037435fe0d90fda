using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Files;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Processes that may have few files open at once, as <c>ulimit -n</c> sets.</summary>
[Collection(ChainTests.Name)]
public sealed class OpenFilesTests(TrainedChain chain) : IDisposable
{
    private readonly CommandLineFolder _folder = new(chain);

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void Predict_TooFewOpenFiles_SaysSoBeforeAnythingElse()
    {
        var (exitCode, output) = Predict(64);

        Assert.True(exitCode == 1, output);
        Assert.Equal("error: The process may have 64 files open at once, and needs 128. Allow more, for instance with: ulimit -n 1024", output.Trim());
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    /// <summary>What the message says is needed is enough.</summary>
    [LinuxFact]
    public void Predict_AsManyOpenFilesAsNeeded_Predicts()
    {
        var (exitCode, output) = Predict(128);

        Assert.True(exitCode == 0, output);
        Assert.Equal(["a.png", "b.png"], _folder.FilesIn("out/masks"));
    }

    private (int ExitCode, string Output) Predict(int files) => _folder.Image("images/a.png").Image("images/b.png", 1).RunAs(
        ["sh", "-c", $"ulimit -n {files} && exec \"$@\"", "sh"], "predict", "--model", "model.zip", "--images", "images", "--output", "out");
}
