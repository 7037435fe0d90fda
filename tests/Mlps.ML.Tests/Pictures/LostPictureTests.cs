using Mlps.ML.Tests.Chain;
using Mlps.Testing;
using Xunit;

namespace Mlps.ML.Tests.Pictures;

/// <summary>The command line where pictures cannot be written, because folders of their names are in the way, or where nobody can hear it: results are complete, and each missing picture is named.</summary>
public sealed class LostPictureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TrainEvaluatePredict_PicturesThatCannotBeWritten_AreWarningsAndCostNoResult()
    {
        SyntheticTissue.Write(PathOf("data"), new SyntheticTissueOptions { TrainPatches = 10, ValidationPatches = 2, TestPatches = 2, PatchSize = 48, EvaluationSize = 48, ClassCount = 2 });

        Directory.CreateDirectory(PathOf("training/curves.png/in the way"));
        var trained = await RunAsync(
            "train", "--data", PathOf("data"), "--model", PathOf("model.zip"), "--output", PathOf("training"),
            "--width", "0.03125", "--backbone", "Compact", "--classifier-epochs", "1", "--segmenter-epochs", "1", "--batch-size", "5");
        AssertWarned(trained, "curves.png");
        Assert.True(File.Exists(PathOf("model.zip")));
        Assert.Contains("\"stage\": \"Segmenter\"", File.ReadAllText(PathOf("training/history.json")), StringComparison.Ordinal);

        Directory.CreateDirectory(PathOf("scores/contact-sheet.png/in the way"));
        Directory.CreateDirectory(PathOf("scores/activation-maps-2.png/in the way"));
        var scored = await RunAsync("evaluate", "--data", PathOf("data"), "--model", PathOf("model.zip"), "--output", PathOf("scores"));
        AssertWarned(scored, "contact-sheet.png");
        AssertWarned(scored, "activation-maps-2.png");
        Assert.Contains("protocols", File.ReadAllText(PathOf("scores/metrics.json")), StringComparison.Ordinal);
        Assert.True(File.Exists(PathOf("scores/activation-maps-1.png")));

        var images = Path.Combine(PathOf("data"), "test", "img");
        string[] names = [.. Directory.GetFiles(images).Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];
        Directory.CreateDirectory(PathOf($"masks/overlays/{names[0]}.png/in the way"));
        var predicted = await RunAsync("predict", "--model", PathOf("model.zip"), "--images", images, "--output", PathOf("masks"));
        AssertWarned(predicted, $"{names[0]}.png");
        Assert.Equal(names, Directory.GetFiles(PathOf("masks/masks")).Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal));
        Assert.Equal(1 + names.Length, File.ReadAllLines(PathOf("masks/areas.csv")).Length);
        Assert.True(File.Exists(PathOf($"masks/overlays/{names[1]}.png")));

        if (File.Exists("/dev/full"))
        {
            var unheard = await ProbeProcess.RunAsync(["sh", "-c", "exec \"$@\" > /dev/full", "sh", .. ProbeProcess.Program("mlps"), "predict", "--model", PathOf("model.zip"), "--images", images, "--output", PathOf("unheard")]);
            Assert.True(unheard.ExitCode == 0, unheard.Error);
            Assert.Contains("could not be written to the standard output: ", unheard.Error, StringComparison.Ordinal);
            Assert.Equal(File.ReadAllText(PathOf("masks/areas.csv")), File.ReadAllText(PathOf("unheard/areas.csv")));
        }
    }

    private static void AssertWarned(ProbeResult run, string picture)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains(run.Output.Split('\n'), line => line.StartsWith("warning:", StringComparison.Ordinal) && line.Contains($"{picture} was not written: ", StringComparison.Ordinal));
    }

    private static Task<ProbeResult> RunAsync(params string[] arguments) => ProbeProcess.RunAsync([.. ProbeProcess.Program("mlps"), .. arguments]);

    private string PathOf(string path) => _folder.Combine(path);
}
