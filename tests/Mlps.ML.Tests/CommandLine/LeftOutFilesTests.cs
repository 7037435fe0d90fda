using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Files;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary>The command line says what it left out, ends whatever lies in a folder, and never reads its own output.</summary>
[Collection(ChainTests.Name)]
public sealed class LeftOutFilesTests(TrainedChain chain) : IDisposable
{
    private const int SomeFailed = 3;

    private readonly CommandLineFolder _folder = new(chain);

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void Predict_FolderOfEverything_EndsAndSaysWhatItLeftOut()
    {
        _folder.Image("images/a.png").Image("images/c.jfif", extension: "jpg").Image("images/sub/d.png");
        Shell.Run(_folder.Path, """cd images; echo x > b.tif; mkfifo x.png; ln -s . loop; ln -s ../sub sub/loop; touch Thumbs.db ._a.png""");

        var (exitCode, output) = Predict("out");

        Assert.True(exitCode == 0, output);
        Assert.Contains("Predicting: 3 images", output, StringComparison.Ordinal);
        Assert.Contains("1 file left out, in formats that are not read (.tif: 1): b.tif. Convert them", output, StringComparison.Ordinal);
        Assert.Contains("1 file left out, pipes, sockets or devices: x.png", output, StringComparison.Ordinal);
        Assert.Contains("2 folders left out, links to folders", output, StringComparison.Ordinal);
        var report = File.ReadAllText(_folder.File("out/left-out.json"));
        Assert.All((string[])["b.tif", "x.png", "loop/", "sub/loop/", "Thumbs.db", "._a.png"], name => Assert.Contains($"\"path\": \"{name}\"", report, StringComparison.Ordinal));
        Assert.Equal(["a.png", "c.png", "sub/d.png"], _folder.FilesIn("out/masks"));
    }

    [OtherUserFact]
    public void Predict_FolderThatMayNotBeRead_CountsAsFailed()
    {
        _folder.Image("images/a.png").Image("images/sub/b.png");
        Shell.Run(_folder.Path, "mkdir out; chmod 777 out; chmod -R a+rX images; chmod 000 images/sub");

        var (exitCode, output) = Predict("out/1", prefix: OtherUserFactAttribute.Prefix);

        Assert.True(exitCode == SomeFailed, output);
        Assert.Contains("1 folder left out, which may not be read: sub/", output, StringComparison.Ordinal);
        Assert.Equal("sub/", Assert.Single(Failed("out/1"))[0]);
        Assert.Equal(["a.png"], _folder.FilesIn("out/1/masks"));
        Assert.Contains("\"reason\": \"unreadable\"", File.ReadAllText(_folder.File("out/1/left-out.json")), StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Predict_LinkThatLeadsNowhere_CountsAsFailed()
    {
        _folder.Image("images/a.png");
        File.CreateSymbolicLink(_folder.File("images/b.png"), "gone.png");

        var (exitCode, output) = Predict("out");

        Assert.True(exitCode == SomeFailed, output);
        Assert.Contains("links that lead nowhere: b.png", output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 images failed", output, StringComparison.Ordinal);
        var failed = Assert.Single(Failed("out"));
        Assert.Equal(["b", _folder.File("images/b.png")], failed[..2]);
        Assert.Contains("The link leads nowhere: to gone.png.", failed[2], StringComparison.Ordinal);
        Assert.Equal(["a.png"], _folder.FilesIn("out/masks"));
    }

    [LinuxFact]
    public void Predict_NameThatIsNotUtf8_CountsAsFailed()
    {
        _folder.Image("images/a.png").Image("images/b.png");
        Shell.Run(_folder.Path, "mv images/b.png \"$(printf 'images/b\\377.png')\"");

        var (exitCode, output) = Predict("out");

        Assert.True(exitCode == SomeFailed, output);
        var failed = Assert.Single(Failed("out"));
        Assert.Equal("b\uFFFD", failed[0]);
        Assert.EndsWith("The file's name is not UTF-8: rename it.", failed[2], StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Predict_FailFastAndALinkThatLeadsNowhere_StopsBeforeItPredicts()
    {
        _folder.Image("images/a.png");
        File.CreateSymbolicLink(_folder.File("images/b.png"), "gone.png");

        var (exitCode, output) = Predict("out", fast: true);

        Assert.True(exitCode == 1, output);
        Assert.Contains("The link leads nowhere", output, StringComparison.Ordinal);
        Assert.Empty(_folder.FilesIn("out/masks"));
    }

    [LinuxFact]
    public void Predict_OutputWithinTheImages_IsNeverAnImage()
    {
        _folder.Image("images/a.png");
        File.CreateSymbolicLink(_folder.File("elsewhere"), "images/out");

        foreach (var output in (string[])["images/out", "images/out", "elsewhere", "images", "images", "beside"])
        {
            var result = Predict(output);
            Assert.True(result.ExitCode == 0, result.Output);
            Assert.Contains("Predicting: 1 images", result.Output, StringComparison.Ordinal);
        }

        Assert.Equal(["a.png"], _folder.FilesIn("images/out/masks"));
        Assert.Equal(["a.png"], _folder.FilesIn("images/masks"));
    }

    [Fact]
    public void Predict_OutputInPlaceOfImages_IsRefusedAndNothingIsWritten()
    {
        _folder.Image("images/a.png").Image("images/masks/b.png");
        var before = File.ReadAllBytes(_folder.File("images/masks/b.png"));

        var (exitCode, output) = Predict("images");

        Assert.Equal(1, exitCode);
        Assert.Contains("Give another folder with --output.", output, StringComparison.Ordinal);
        Assert.Equal(["a.png", "masks/b.png"], _folder.FilesIn("images"));
        Assert.Equal(before, File.ReadAllBytes(_folder.File("images/masks/b.png")));
    }

    [LinuxFact]
    public void Evaluate_NamesInEitherUnicodeForm_ArePairs()
    {
        _folder.Image("data/test/img/gr\u00F6\u00DFe.png").Mask("data/test/mask/gro\u0308\u00DFe.png").Image("data/test/img/sp\u00E9cimen.png").Mask("data/test/mask/spe\u0301cimen.png");
        _folder.Image("data/test/img/alone.png");

        var (exitCode, output) = _folder.Run("evaluate", "--data", "data", "--model", "model.zip", "--output", "data/test/img/scores");

        Assert.True(exitCode == 0, output);
        Assert.Contains("test: 2 images", output, StringComparison.Ordinal);
        Assert.Contains("images without a mask of their stem: test/img/alone.png", output, StringComparison.Ordinal);
        Assert.Contains("no mask of its name", File.ReadAllText(_folder.File("data/test/img/scores/left-out.json")), StringComparison.Ordinal);

        // Pictures of scores among the images are no images.
        Assert.Equal(2, TissueDataset.Open(_folder.File("data")).Report(DatasetSplit.Test).PatchCount);
    }

    [OtherUserFact]
    public void Train_UnreadableFolderAndMasksOfAnotherOrder_SaysBoth()
    {
        _folder.Image("data/train/a-[1 1].png").Image("data/train/b-[1 0].png", 3).Image("data/train/sub/c-[0 1].png", 1).Image("data/val/img/a.png");
        _folder.Mask("data/val/mask/a.png", [TinyTissue.Classes.Palette[2], .. TinyTissue.Classes.Palette.Take(2)]);
        Shell.Run(_folder.Path, "mkdir out; chmod 777 out; chmod -R a+rX data; chmod 000 data/train/sub");

        var (exitCode, output) = _folder.RunAs(
            OtherUserFactAttribute.Prefix,
            "train", "--data", "data", "--model", "out/model.zip", "--output", "out/training", "--skip-damaged", "--width", "0.03125", "--classifier-epochs", "1", "--segmenter-epochs", "1");

        Assert.True(exitCode == 1, output);
        Assert.Contains("which may not be read: train/sub/", output, StringComparison.Ordinal);
        Assert.Contains("index 0 has #FFFFFF, the colour of 'glass', and means 'striped'", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("out/model.zip")));
    }

    private (int ExitCode, string Output) Predict(string output, string[]? prefix = null, bool fast = false) =>
        _folder.RunAs(prefix ?? [], ["predict", "--model", "model.zip", "--images", "images", "--output", output, .. fast ? (string[])["--fail-fast"] : []]);

    private List<string[]> Failed(string output) => Csv.Read(File.ReadAllText(_folder.File($"{output}/failed.csv")))[1..];
}
