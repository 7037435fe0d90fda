using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Testing;
using Mlps.Torch.Training;
using Xunit;

namespace Mlps.ML.Tests.Chain;

/// <summary>Checkpoints, logs and records of a chain's training.</summary>
[Collection(ChainTests.Name)]
public sealed class KeptTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Checkpoints => _folder.Combine("checkpoints");

    private string Logs => _folder.Combine("logs");

    [Fact]
    public void Fit_AgainWithFinishedStages_TrainsNoStep()
    {
        using var first = Fit(new ProgressList());
        var again = new ProgressList();

        using var second = Fit(again);

        Assert.DoesNotContain(again.Reports, report => !report.Reading && !report.EpochEnded);
        var images = TinyTable.Patches(3).Labelled();
        Assert.Equal(first.Transform(images).Vectors<byte>("PredictedMask"), second.Transform(images).Vectors<byte>("PredictedMask"));
    }

    [Fact]
    public void Fit_OtherPatches_IsRefusedWithTheirDigest()
    {
        using var model = Fit(new ProgressList());
        var log = File.ReadAllBytes(Path.Combine(Logs, "patch-classifier.jsonl"));

        var error = Assert.Throws<TrainingException>(() => Fit(new ProgressList(), patches: 5));

        Assert.NotEmpty(log);
        Assert.Equal(log, File.ReadAllBytes(Path.Combine(Logs, "patch-classifier.jsonl")));

        Assert.Contains("Data is ", error.Message, StringComparison.Ordinal);
        Assert.Contains("patch-classifier.checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_LogDirectory_GetsALineForEveryStepAndTensorBoardEvents()
    {
        var progress = new ProgressList();

        using var model = Fit(progress);

        var lines = File.ReadAllLines(Path.Combine(Logs, "segmenter.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var reports = progress.Reports.Where(report => report.Stage is TrainingStage.Segmenter && !report.Reading).ToArray();
        Assert.Equal(reports.Select(report => report.Loss), lines.Select(line => line.GetProperty("loss").GetDouble()));
        Assert.Equal(reports.Select(report => report.LearningRate), lines.Select(line => line.GetProperty("learningRate").GetDouble()));
        Assert.Equal("Segmenter", lines[0].GetProperty("stage").GetString());
        var events = File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.Combine(Logs, "segmenter"))));
        Assert.All((string[])["loss", "learningRate", "patchesPerSecond", "predictions/1"], tag => Assert.True(events.AsSpan().IndexOf(Encoding.UTF8.GetBytes(tag)) >= 0, tag));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Logs, "patch-classifier")));
    }

    [Fact]
    public void Save_Model_KeepsHowItCameAbout()
    {
        var ml = new MLContext(3);
        using var model = Fit(new ProgressList());
        var path = _folder.Combine("model.zip");
        ml.Model.Save(model, TinyTable.Patches(1).Labelled().Schema, path);

        var loaded = (TransformerChain<ITransformer>)ml.Model.Load(path, out _);

        using var segmenter = (GatedSegmenterTransformer)loaded.LastTransformer;
        using var classifier = loaded.OfType<PatchClassifierTransformer>().Single();
        AssertEqual(model.LastTransformer.Training, segmenter.Training);
        AssertEqual(model.ClassifierOf().Training, classifier.Training);
        Assert.Equal("4", segmenter.Training.Options["Training.BatchSize"]);
        Assert.Equal(TinyTissue.Classes.Names, segmenter.Training.Classes);
        Assert.Equal(64, segmenter.Training.DataDigest.Length);
        Assert.Equal(1, segmenter.Training.Seed);
        Assert.Equal("cpu", segmenter.Training.Versions["Device"]);
        Assert.Single(segmenter.Training.Epochs);
    }

    [Fact]
    public void Fit_BatchLargerThanTheData_IsSaidAndTrains()
    {
        var ml = new MLContext(1);
        var log = new List<string>();
        ml.Log += (_, entry) => log.Add(entry.Message);

        using var model = TinyChain.Create(ml, TinyChain.Classifier with { Training = new() { Epochs = 1, BatchSize = 50 } }).Fit(TinyTable.Patches(4).Labelled());

        Assert.Contains(log, message => message.Contains("batch size is 50", StringComparison.Ordinal) && message.Contains("there are 4 patches", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_OneClass_WarnsThatNothingCanBeToldApart()
    {
        var ml = new MLContext(1);
        var log = new List<string>();
        ml.Log += (_, entry) => log.Add(entry.Message);
        var patches = TinyTable.Patches(4);
        var label = new PatchColumn<VBuffer<bool>>("Label", new VectorDataViewType(BooleanDataViewType.Instance, 1), (TissuePatch patch, ref VBuffer<bool> value) => value = new(1, [true]));

        using var classifier = ml.TissueSegmentation.PatchClassifier(new TissueClasses([new("tissue", new(1, 2, 3))]), TinyChain.Classifier).Fit(patches.View(patches.Name, patches.Image, label));

        Assert.Contains(log, message => message.Contains("'tissue' is the only class", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.6931, true)]
    [InlineData(0.6901, true)]
    [InlineData(0.66, false)]
    [InlineData(0.71, false)]
    public void Report_LossOfProbabilitiesOfOneHalf_IsCalledLearningNothing(double loss, bool said)
    {
        var ml = new MLContext(1);
        var log = new List<string>();
        ml.Log += (_, entry) => log.Add(entry.Message);
        var progress = new ProgressList();
        using var model = Fit(progress);
        var epoch = progress.Reports.First(report => report.EpochEnded);

        LossCheck.Report(ml, [epoch with { Loss = 0.3 }, epoch with { Loss = loss }], 0.03);

        Assert.Equal(said, log.Exists(message => message.Contains("which is ln 2: it has learnt nothing", StringComparison.Ordinal) && message.Contains("(it was 0.03)", StringComparison.Ordinal)));
        LossCheck.Report(ml, [], 0.03);
    }

    [Fact]
    public void Fit_LogFolderThatIsAFile_IsNamed()
    {
        File.WriteAllText(Logs, "in the way");

        var error = Assert.ThrowsAny<IOException>(() => Fit(new ProgressList()));

        Assert.Contains(Logs, error.Message, StringComparison.Ordinal);
    }

    private static void AssertEqual(TrainingRecord expected, TrainingRecord actual)
    {
        Assert.Equal(expected.Options, actual.Options);
        Assert.Equal(expected.Versions, actual.Versions);
        Assert.Equal((expected.Seed, expected.DataDigest), (actual.Seed, actual.DataDigest));
        Assert.Equal(expected.Epochs.Select(epoch => (epoch.Epoch, epoch.Loss)), actual.Epochs.Select(epoch => (epoch.Epoch, epoch.Loss)));
    }

    private TransformerChain<GatedSegmenterTransformer> Fit(ProgressList progress, int patches = 8) => TinyChain.Create(
        new MLContext(1),
        TinyChain.Classifier with { Run = new() { CheckpointDirectory = Checkpoints, LogDirectory = Logs, Progress = progress } },
        segmenter: TinyChain.Segmenter with { Run = new() { CheckpointDirectory = Checkpoints, LogDirectory = Logs, Progress = progress } }).Fit(TinyTable.Patches(patches).Labelled());
}
