using System.Globalization;
using Mlps.ML.Tests.Chain;
using Mlps.ML.Tests.Data;
using Xunit;

namespace Mlps.ML.Tests.CommandLine;

/// <summary><c>predict</c> and <c>evaluate</c> on folders in which some images are bad.</summary>
[Collection(ChainTests.Name)]
public sealed class PredictCommandTests : IDisposable
{
    private const int SomeFailed = 3;
    private const int Interrupted = 130;

    private readonly DatasetBuilder _files = new(manifest: false);

    public PredictCommandTests(TrainedChain chain)
    {
        chain.Ml.Model.Save(chain.Model, TinyTable.Patches(1).Labelled().Schema, Model);
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            _files.Image($"images/{name}.png", width: 16, height: 12);
        }
    }

    private string Model => _files.PathOf("model.zip");

    private string Output => _files.PathOf("output");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Predict_AllKindsOfBadImages_FailAloneAndAreNamed()
    {
        CutShort("images/b.png");
        File.WriteAllBytes(_files.PathOf("images/zero.png"), []);
        File.CreateSymbolicLink(_files.PathOf("images/dangling.png"), "nowhere");
        File.WriteAllText(_files.PathOf("images/esc\u001b[31m.png"), "no image");
        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output);

        Assert.Equal(SomeFailed, result.ExitCode);
        Assert.Equal(["a", "c", "d"], Areas().Select(row => row[0]));
        Assert.Equal(["b", "dangling", "esc\u001b[31m", "zero"], Failed().Select(row => row[0]).Order(StringComparer.Ordinal));
        Assert.All(Failed(), row => Assert.True(row[2].Length > 10));
        Assert.Equal(["a.png", "c.png", "d.png"], Files("masks"));
        Assert.Equal(["a.png", "c.png", "d.png"], Files("overlays"));
        Assert.Contains("4 of 7 images failed", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output + result.Error);
        Assert.Empty(Directory.GetFiles(Output, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [Fact]
    public async Task Predict_ImagesMendedLater_TakesTheReportAway()
    {
        var whole = File.ReadAllBytes(_files.PathOf("images/b.png"));
        CutShort("images/b.png");
        await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output);
        Assert.True(File.Exists(Path.Combine(Output, "failed.csv")));
        File.WriteAllBytes(_files.PathOf("images/b.png"), whole);

        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(4, Areas().Count);
        Assert.False(File.Exists(Path.Combine(Output, "failed.csv")));
    }

    [Fact]
    public async Task Predict_AgainAndAnImageFails_ItsEarlierResultsAreTakenAway()
    {
        await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output, "--uncertainty");
        Assert.Equal(["a.png", "b.png", "c.png", "d.png"], Files("uncertainty"));
        CutShort("images/b.png");

        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output);

        Assert.Equal(SomeFailed, result.ExitCode);
        Assert.Equal(["a.png", "c.png", "d.png"], Files("masks"));
        Assert.Equal(["a.png", "c.png", "d.png"], Files("overlays"));
        Assert.Empty(Files("uncertainty"));
    }

    [Fact]
    public async Task Predict_FailFast_StopsAtTheFirstAndKeepsWhatWasFinished()
    {
        CutShort("images/b.png");

        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output, "--fail-fast");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("b.png: The PNG ends", result.Error, StringComparison.Ordinal);
        Assert.Equal(["a"], Areas().Select(row => row[0]));
    }

    [Fact]
    public async Task Predict_NamesOfAllKinds_AreWrittenAndReadBack()
    {
        string[] names = ["a,b", "a\"b", "a\rb", "a\nb", "=1+1", new('n', 251), new('é', 125), "B", "x/y"];
        foreach (var name in names)
        {
            _files.Image($"images/{name}.png", width: 16, height: 12);
        }

        File.Copy(_files.PathOf("images/c.png"), _files.PathOf("images/c.bmp"));
        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        var written = Areas().Select(row => row[0]).ToArray();
        Assert.Equal([.. ((string[])["a", "b-2", "c.bmp", "c.png", "d", .. names]).Order(StringComparer.Ordinal)], written.Order(StringComparer.Ordinal));
        Assert.All(written, name => Assert.True(File.Exists(Path.Combine(Output, "masks", name + ".png")), name));
    }

    [Theory]
    [InlineData("--uncertainty")]
    [InlineData("--uncertainty", "entropy")]
    [InlineData("--uncertainty", "spread", "--views", "2")]
    public async Task Predict_Uncertainty_WritesAPictureOfEachImage(params string[] options)
    {
        var result = await CommandLineProcess.RunAsync(["predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output, .. options]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["a.png", "b.png", "c.png", "d.png"], Files("uncertainty"));
        using var picture = SkiaSharp.SKBitmap.Decode(Path.Combine(Output, "uncertainty", "a.png"));
        Assert.True(picture.Width > 16 && picture.Height > 12);
        Assert.Equal(["a.png", "b.png", "c.png", "d.png"], Files("masks"));
    }

    [Fact]
    public async Task Predict_SpreadOfOneView_SaysWhatToDo()
    {
        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output, "--uncertainty", "spread", "--views", "1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("set Views to 2, 4 or 8", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Output, "uncertainty")));
    }

    [Fact]
    public async Task Predict_OneMaskCannotBeWritten_FailsAlone()
    {
        Directory.CreateDirectory(Path.Combine(Output, "masks", "c.png"));

        var result = await CommandLineProcess.RunAsync("predict", "--model", Model, "--images", _files.PathOf("images"), "--output", Output);

        Assert.Equal(SomeFailed, result.ExitCode);
        Assert.Equal("c", Assert.Single(Failed())[0]);
        Assert.Equal(["a", "b", "d"], Areas().Select(row => row[0]));
    }

    [Fact]
    public async Task Predict_Interrupted_KeepsTheTableOfWhatWasFinished()
    {
        for (var i = 0; i < 300; i++)
        {
            _files.Image(string.Create(CultureInfo.InvariantCulture, $"many/{i:d3}.png"), width: 300, height: 300);
        }

        var result = await ProbeProcess.RunAsync(CommandLineProcess.Command("predict", "--model", Model, "--images", _files.PathOf("many"), "--output", Output), async process =>
        {
            while (!process.HasExited && !File.Exists(Path.Combine(Output, "overlays", "003.png")))
            {
                await Task.Delay(20);
            }

            await CommandLineProcess.InterruptAsync(process);
            return true;
        });

        Assert.Equal(Interrupted, result.ExitCode);
        Assert.InRange(Areas().Count, 4, 299);
        Assert.Equal(Areas().Select(row => row[0] + ".png"), Files("masks"));
    }

    [OwnMountsFact]
    public async Task Predict_DiskFull_EndsAtOnceAndBlamesNoImage()
    {
        var disk = Directory.CreateDirectory(Output).FullName;
        for (var i = 0; i < 40; i++)
        {
            _files.Image(string.Create(CultureInfo.InvariantCulture, $"many/{i:d3}.png"), width: 200, height: 200);
        }

        var command = CommandLineProcess.Command("predict", "--model", Model, "--images", _files.PathOf("many"), "--output", disk);
        var result = await ProbeProcess.RunAsync(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none \"$1\" || exit 99; DISK=$1; shift; \"$@\"; code=$?; ls \"$DISK\"; exit $code", "sh", disk, .. command]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("No space left", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("failed.csv", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_DamagedImages_AreAllNamedAndLeftOutOnlyIfAsked()
    {
        _files.Text("data/dataset.json", TinyTissue.Classes.ToJson());
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            _files.Image($"data/test/img/{name}.png", 32, 32).Mask($"data/test/mask/{name}.png", 1, 32, 32);
        }

        CutShort("data/test/img/b.png");
        File.WriteAllBytes(_files.PathOf("data/test/mask/d.png"), []);
        string[] command = ["evaluate", "--model", Model, "--data", _files.PathOf("data"), "--output", Output];

        var refused = await CommandLineProcess.RunAsync(command);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("2 images of test", refused.Error, StringComparison.Ordinal);
        Assert.Contains("b.png", refused.Error, StringComparison.Ordinal);
        Assert.Contains("d.png", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Output, "metrics.json")));

        var scored = await CommandLineProcess.RunAsync([.. command, "--skip-damaged"]);
        Assert.True(scored.ExitCode == 0, scored.Error);
        Assert.Contains("2 damaged ones left out", scored.Output, StringComparison.Ordinal);
        using var metrics = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "metrics.json")));
        Assert.Equal(2, metrics.RootElement.GetProperty("patches").GetInt32());
        Assert.Equal(["b", "d"], metrics.RootElement.GetProperty("damaged").EnumerateArray().Select(image => image.GetProperty("image").GetString()!));
    }

    [Fact]
    public async Task Train_SourcePatternUnfit_IsSaidAtOnce()
    {
        _files.Text("data/dataset.json", TinyTissue.Classes.ToJson()).Image("data/train/a-[1 0].png", 32, 32);

        var result = await CommandLineProcess.RunAsync("train", "--data", _files.PathOf("data"), "--model", _files.PathOf("new.zip"), "--source-pattern", "([a-z]+)");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has no group named 'source'", result.Error, StringComparison.Ordinal);
    }

    private List<string[]> Areas() => Csv.Read(File.ReadAllText(Path.Combine(Output, "areas.csv")))[1..];

    private List<string[]> Failed() => Csv.Read(File.ReadAllText(Path.Combine(Output, "failed.csv")))[1..];

    private string[] Files(string folder) => [.. Directory.GetFiles(Path.Combine(Output, folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    private void CutShort(string name) => File.WriteAllBytes(_files.PathOf(name), File.ReadAllBytes(_files.PathOf(name))[..40]);
}
