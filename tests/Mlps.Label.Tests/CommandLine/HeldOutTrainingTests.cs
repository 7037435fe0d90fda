using Mlps.Label.Tests.Browser;
using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.CommandLine;

/// <summary>Labels of slides that an export holds out choose the epochs of a training.</summary>
public sealed class HeldOutTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ExportAndTrain_WithoutMasks_EpochsAreChosenByTheLabelsHeldOut()
    {
        SyntheticTissue.Write(_folder.Combine("drawn"), new SyntheticTissueOptions { ClassCount = 2, TrainPatches = 12, ValidationPatches = 1, TestPatches = 1, PatchSize = 32, EvaluationSize = 32, Background = false });
        var drawn = TissueDataset.Open(_folder.Combine("drawn"));
        var table = "file,labels\n";
        foreach (var (number, patch) in drawn.Patches(DatasetSplit.Train).Index())
        {
            var name = $"slide{number % 3}_x{number}_y0.png";
            File.Copy(patch.ImagePath, _folder.File($"patches/{name}"));
            table += $"{name},{string.Join(';', drawn.Classes.Names.Where((_, tissue) => patch.Label![tissue]))}\n";
        }

        File.WriteAllText(_folder.File("table.csv"), table);
        var export = LabelProcess.Run(
            "label", "--patches", _folder.Combine("patches"), "--classes", string.Join(',', drawn.Classes.Names), "--import", _folder.Combine("table.csv"), "--export", _folder.Combine("dataset"), "--held-out", "0.34");
        Assert.True(export.ExitCode == 0, export.Output);

        var train = LabelProcess.Run(
            "train", "--data", _folder.Combine("dataset"), "--model", _folder.Combine("model.zip"), "--output", _folder.Combine("training"), "--log", _folder.Combine("logs"), "--start", "random", "--width", "0.03125", "--classifier-epochs", "1", "--segmenter-epochs", "1", "--batch-size", "4");

        Assert.True(train.ExitCode == 0, train.Output);
        Assert.Contains("8 training patches", train.Output, StringComparison.Ordinal);
        Assert.Contains("epochs are chosen by the labels of 4 patches in held-out", train.Output, StringComparison.Ordinal);
        var logs = string.Concat(Directory.GetFiles(_folder.Combine("logs"), "*.jsonl", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Contains("validation.labelIoU", logs, StringComparison.Ordinal);
        Assert.Contains("validation.pseudoMaskAgreement", logs, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
