using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Files;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>Machines on which a folder that is needed cannot be written: the message names it, and the variable that helps.</summary>
[Collection(ChainTests.Name)]
public sealed class NowhereToWriteTests(TrainedChain chain) : IDisposable
{
    private readonly CommandLineFolder _folder = new(chain);

    private static readonly string[] _train =
    [
        "train", "--data", "data", "--log", "logs", "--start", "random", "--width", "0.03125", "--classifier-epochs", "1", "--segmenter-epochs", "1", "--batch-size", "2", "--output", "results",
    ];

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

    /// <summary>A disk that fills while the model is trained, which must not cost the model.</summary>
    [OwnMountsFact]
    public void Train_ModelsDiskIsFullAtTheEnd_WritesItToTheNextPlaceAndNamesIt()
    {
        const string full = """
            mount -t tmpfs -o size=16m none /mnt
            { while ! grep -q . logs/*.jsonl; do sleep 0.05; done; dd if=/dev/zero of=/mnt/filler bs=64k; } >/dev/null 2>&1 & filler=$!
            "$@"; code=$?
            kill $filler 2>/dev/null; exit $code
            """;
        Patches();

        var (exitCode, output) = _folder.RunAs(["unshare", "--map-root-user", "--mount", "sh", "-c", full, "sh"], [.. _train, "--model", "/mnt/new.zip"]);

        Assert.True(exitCode == 4, output);
        Assert.Contains("The model could not be written to '/mnt/new.zip'. It is in '", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(0, _folder.Run("predict", "--model", "results/new.zip", "--images", "images", "--output", "out").ExitCode);
    }

    /// <summary>ML.NET packs the model in the folder of temporary files; where that has filled, beside the model.</summary>
    [OwnMountsFact]
    public void Train_TemporaryFolderIsFullAtTheEnd_WritesTheModelAllTheSame()
    {
        const string full = """
            mount -t tmpfs -o size=16m none /mnt
            { while ! grep -q . logs/*.jsonl; do sleep 0.05; done; dd if=/dev/zero of=/mnt/filler bs=64k; dd if=/dev/zero of=/mnt/rest bs=1k; } >/dev/null 2>&1 & filler=$!
            TMPDIR=/mnt "$@"; code=$?
            kill $filler 2>/dev/null; exit $code
            """;
        Patches();

        var (exitCode, output) = _folder.RunAs(["unshare", "--map-root-user", "--mount", "sh", "-c", full, "sh"], [.. _train, "--model", "new.zip"]);

        Assert.True(exitCode == 0, output);
        Assert.True(File.Exists(_folder.File("new.zip")));
    }

    [Theory]
    [InlineData("models/")]
    [InlineData("there")]
    public void Train_ModelIsAFolder_SaysSoBeforeTheFirstStep(string model)
    {
        Patches();
        Directory.CreateDirectory(_folder.File("there"));

        var (exitCode, output) = _folder.Run([.. _train, "--model", model]);

        Assert.True(exitCode == 1, output);
        Assert.Contains("this is a folder, and the model is a file. Give a file with --model, such as", output, StringComparison.Ordinal);
        Assert.Empty(_folder.FilesIn("logs"));
    }

    [Fact]
    public void Train_PatienceWithoutAValidationSet_SaysSo()
    {
        Patches();

        var (exitCode, output) = _folder.Run([.. _train, "--model", "new.zip", "--patience", "2"]);

        Assert.True(exitCode == 1, output);
        Assert.Contains("--patience waits for a better validation score, and there is no validation set", output, StringComparison.Ordinal);
    }

    /// <summary>The place that takes a model in time of need may have one of the same name.</summary>
    [LinuxFact]
    public void Train_ModelsFolderIsGoneAtTheEnd_AnotherModelOfTheNameStays()
    {
        Patches();
        File.WriteAllText(_folder.File("results/new.zip"), "a good model");

        var (exitCode, output) = _folder.RunAs(["sh", "-c", "(while kill -0 $$ && ! grep -q . logs/*.jsonl; do sleep 0.05; done; rm -rf elsewhere; touch elsewhere) >/dev/null 2>&1 & exec \"$@\"", "sh"], [.. _train, "--model", "elsewhere/new.zip"]);

        Assert.True(exitCode == 4, output);
        Assert.Equal("a good model", File.ReadAllText(_folder.File("results/new.zip")));
        Assert.Contains("new-2.zip", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("results/new-2.zip")));
    }

    [OwnMountsFact]
    public void Train_NoRoomForTheModel_SaysSoBeforeTheFirstStep()
    {
        Patches();

        var (exitCode, output) = _folder.RunAs(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=600k none /mnt && exec \"$@\"", "sh"], [.. _train, "--model", "/mnt/new.zip"]);

        Assert.True(exitCode == 1, output);
        Assert.Contains("/mnt: the model will need", output, StringComparison.Ordinal);
        Assert.Empty(_folder.FilesIn("logs"));
    }

    [OwnMountsFact]
    public void Train_OutputThatCannotBeWritten_SaysSoBeforeTheFirstStep()
    {
        Patches();

        var (exitCode, output) = _folder.RunAs(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o ro none /mnt && exec \"$@\"", "sh"], [.. _train[..^2], "--model", "new.zip", "--output", "/mnt/out"]);

        Assert.True(exitCode == 1, output);
        Assert.Contains("Give another folder with --output", output, StringComparison.Ordinal);
        Assert.Empty(_folder.FilesIn("logs"));
    }

    [LinuxFact]
    public void Train_AfterASaveThatWasKilled_RemovesWhatItLeft()
    {
        Patches();
        var work = Directory.CreateDirectory(_folder.File("tmp/mlps-work-0/ml_dotnet/x")).Parent!.Parent!.FullName;
        File.WriteAllText(Path.Combine(work, "lock"), "");
        var live = Directory.CreateDirectory(_folder.File("tmp/mlps-work-1")).FullName;
        using var held = new FileStream(Path.Combine(live, "lock"), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var half = Mlps.Torch.TemporaryName.Beside(_folder.File("new.zip"));
        File.WriteAllText(half, "half a model");

        var (exitCode, output) = _folder.RunAs(["env", "TMPDIR=" + _folder.File("tmp")], [.. _train, "--model", "new.zip"]);

        Assert.True(exitCode == 0, output);
        Assert.False(File.Exists(half));
        Assert.Equal([live], Directory.GetDirectories(_folder.File("tmp"), "mlps-work-*"));
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

    private void Patches()
    {
        _folder.Image("images/a.png").File("logs/x");
        for (var number = 0; number < 4; number++)
        {
            _folder.Image($"data/train/patch{number}-[{number % 2} {(number + 1) % 2}].png", number);
        }
    }
}
