using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Files;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Machines on which a folder that is needed cannot be written: the message names it, and the variable that helps.</summary>
[Collection(ChainTests.Name)]
public sealed class NowhereToWriteTests(TrainedChain chain) : IDisposable
{
    private readonly CommandLineFolder _folder = new(chain);

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void Predict_WithoutATemporaryFolder_SaysWhatLoadingNeeds()
    {
        _folder.Image("images/a.png");

        var (exitCode, output) = _folder.RunAs(["env", "TMPDIR=/nowhere"], "predict", "--model", "model.zip", "--images", "images", "--output", "out");

        Assert.Equal(1, exitCode);
        Assert.Contains("Loading a model needs the folder of temporary files, '/nowhere/'", output, StringComparison.Ordinal);
        Assert.Contains("environment variable TMPDIR", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Train it anew", output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Train_WithoutATemporaryFolder_IsRefusedBeforeTraining()
    {
        var (exitCode, output) = _folder.Image("data/train/a-[1 0].png").RunAs(["env", "TMPDIR=/nowhere"], "train", "--data", "data", "--model", "new.zip", "--start", "random");

        Assert.Equal(1, exitCode);
        Assert.Contains("Saving a model needs the folder of temporary files, '/nowhere/'", output, StringComparison.Ordinal);
    }

    [OwnMountsFact]
    public void Predict_OnAReadOnlyRoot_WorksWithOneFolderToWrite()
    {
        _folder.Image("images/a.png");
        const string ReadOnly = "mount -t tmpfs none /mnt && mount -o remount,bind,ro / && export HOME=/nowhere TMPDIR=/mnt && exec \"$@\"";

        var (exitCode, output) = _folder.RunAs(["unshare", "--map-root-user", "--mount", "sh", "-c", ReadOnly, "sh"], "predict", "--model", "model.zip", "--images", "images", "--output", "/mnt/out");

        Assert.True(exitCode == 0, output);
        Assert.Contains("Written", output, StringComparison.Ordinal);
    }
}
