using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training.Checkpoints;

[Collection(GlobalGenerator.Name)]
public sealed class TrainingCheckpointTests : IDisposable
{
    private static readonly PatchClassifierTrainingOptions ClassifierOptions = new() { Epochs = 3, BatchSize = 6, Seed = 5, Attention = new() { FirstEpoch = 1 } };
    private static readonly SegmenterTrainingOptions SegmenterOptions = new() { Epochs = 3, BatchSize = 6, Seed = 5, Quirks = new() { KeepShortBatch = true } };

    private readonly TemporaryFolder _folder = new();
    private readonly PatchStore _patches = TwoTissues.Store(32);

    private string FilePath => System.IO.Path.Combine(_folder.Path, "checkpoints", "run.checkpoint");

    public void Dispose()
    {
        _patches.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(13)]
    public void Train_ClassifierStoppedAfterAnyStep_EndsAsIfItHadNotBeen(int step)
    {
        var undisturbed = new ProgressList();
        var expected = TrainClassifier(checkpoint: null, undisturbed);
        Assert.ThrowsAny<OperationCanceledException>(() => TrainClassifier(Checkpoint(), stopAfter: step));

        var resumed = new ProgressList();
        var actual = TrainClassifier(Checkpoint(), resumed);

        Assert.Equal(expected, actual);
        Assert.Equal(Ends(undisturbed), Ends(resumed));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(15)]
    public void Train_SegmenterStoppedAfterAnyStep_EndsAsIfItHadNotBeen(int step)
    {
        var undisturbed = new ProgressList();
        var expected = TrainSegmenter(checkpoint: null, undisturbed);
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: step));

        var resumed = new ProgressList();
        var actual = TrainSegmenter(Checkpoint(), resumed);

        Assert.Equal(expected, actual);
        Assert.Equal(Ends(undisturbed), Ends(resumed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(13)]
    public void Train_ClassifierWithAveragingAndScaleStopped_EndsAsIfItHadNotBeen(int step)
    {
        var options = ClassifierOptions with { WeightAveraging = 0.9, Augmentation = ClassifierOptions.Augmentation with { MinimumScale = 0.75, MaximumScale = 1.5, MaximumAngle = 30 } };
        var expected = TrainClassifier(checkpoint: null, options: options);
        Assert.ThrowsAny<OperationCanceledException>(() => TrainClassifier(Checkpoint(), stopAfter: step, options: options));

        Assert.Equal(expected, TrainClassifier(Checkpoint(), options: options));
        Assert.NotEqual(expected, TrainClassifier(checkpoint: null, options: options with { WeightAveraging = 0 }));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(15)]
    public void Train_SegmenterWithAveragingStopped_EndsAsIfItHadNotBeen(int step)
    {
        var options = SegmenterOptions with { WeightAveraging = 0.9, Optimizer = SegmenterOptions.Optimizer with { WarmUpSteps = 8 } };
        var undisturbed = new ProgressList();
        var expected = TrainSegmenter(checkpoint: null, undisturbed, options: options);
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: step, options: options));

        var resumed = new ProgressList();
        Assert.Equal(expected, TrainSegmenter(Checkpoint(), resumed, options: options));
        Assert.Equal(Ends(undisturbed), Ends(resumed));
    }

    [Fact]
    public void Train_AveragingFinished_GivesTheAverageAgain()
    {
        var options = SegmenterOptions with { WeightAveraging = 0.9 };
        var expected = TrainSegmenter(Checkpoint(), options: options);

        Assert.Equal(expected, TrainSegmenter(Checkpoint(), options: options));
    }

    [Fact]
    public void Train_Finished_IsNotRunAgainAndReportsItsEpochs()
    {
        var expected = TrainSegmenter(Checkpoint());
        var again = new ProgressList();

        var actual = TrainSegmenter(Checkpoint(), again);

        Assert.Equal(expected, actual);
        Assert.Equal(3, again.Reports.Count);
        Assert.All(again.Reports, report => Assert.True(report.EpochEnded));
    }

    [Fact]
    public void Train_BestEpochBeforeTheStop_IsStillTheBest()
    {
        double[] scores = [0.9, 0.2, 0.1];
        var expected = TrainSegmenter(checkpoint: null, score: Falling());
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: 8, score: Falling()));

        Assert.Equal(expected, TrainSegmenter(Checkpoint(), score: () => 0.05));

        Func<double> Falling()
        {
            var epoch = 0;
            return () => scores[epoch++];
        }
    }

    [Fact]
    public void Train_PatienceOverTheStop_CountsTheEpochsBefore()
    {
        var options = SegmenterOptions with { Epochs = 9, Patience = 2 };
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: 13, score: Scores(0.9, 0.5), options: options));
        var resumed = new ProgressList();

        TrainSegmenter(Checkpoint(), resumed, score: Scores(0.4), options: options);

        Assert.Equal(3, Ends(resumed).Length);

        static Func<double> Scores(params double[] values)
        {
            var next = 0;
            return () => values[next++];
        }
    }

    [Fact]
    public void Train_OtherOptions_AreRefusedByName()
    {
        TrainSegmenter(Checkpoint("Training", SegmenterOptions));

        var error = Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint("Training", SegmenterOptions with { Optimizer = SegmenterOptions.Optimizer with { Momentum = 0.5 } })));

        Assert.Contains("Training.Optimizer.Momentum is 0.5 in this run and 0.9 in the checkpoint", error.Message, StringComparison.Ordinal);
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_DamagedFile_IsRefusedByNameAndLeftAlone()
    {
        TrainSegmenter(Checkpoint());
        var bytes = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, bytes[..(bytes.Length / 2)]);

        var error = Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint()));

        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("Delete it", error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes.Length / 2, new FileInfo(FilePath).Length);
    }

    [Fact]
    public void Train_FlippedBitAnywhere_IsRefused()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: 8));
        var bytes = File.ReadAllBytes(FilePath);
        var random = new Random(1);

        for (var i = 0; i < 40; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i < 2 ? bytes.Length - 1 - i : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(FilePath, damaged);

            Assert.Contains(FilePath, Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint())).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Finished", "false")]
    [InlineData("Epoch", "4")]
    [InlineData("Epoch", "-1")]
    [InlineData("Epoch", "-2147483648")]
    [InlineData("Epoch", "2")]
    [InlineData("StepInEpoch", "1000000000")]
    [InlineData("StepInEpoch", "-5")]
    [InlineData("EpochsSinceBest", "2147483647")]
    [InlineData("BestScore", "\"NaN\"")]
    [InlineData("BestScore", "null")]
    [InlineData("Fingerprint", "null")]
    [InlineData("Fingerprint", "{\"run\": null}")]
    [InlineData("Meter", "null")]
    [InlineData("Meter.Ended", "null")]
    [InlineData("Meter.Ended", "[null, null, null]")]
    [InlineData("Meter.Ended", "[]")]
    [InlineData("Meter.ScoreSums", "null")]
    [InlineData("Meter.LossSum", "\"NaN\"")]
    [InlineData("Meter.Rate", "\"Infinity\"")]
    [InlineData("Meter.Step", "-1000000")]
    [InlineData("Meter.Step", "1000000000000000")]
    [InlineData("Meter.Epoch", "99")]
    [InlineData("Version", "0")]
    [InlineData("Version", "3")]
    [InlineData("MomentumBuffers", "0")]
    public void Train_EditedStateWithSumsMended_IsRefusedByName(string path, string value)
    {
        TrainSegmenter(Checkpoint(), score: () => 0.5);
        CheckpointEdit.State(FilePath, state => CheckpointEdit.Set(state, path, value));

        var error = Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint(), score: () => 0.5));

        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("last/", true)]
    [InlineData("last/", false)]
    [InlineData("best/", true)]
    [InlineData("momentum/", true)]
    [InlineData("momentum/", false)]
    public void Train_EditedTensorsWithSumsMended_AreRefusedByName(string prefix, bool shape)
    {
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: 8, score: () => 0.5));
        CheckpointEdit.Tensor(FilePath, prefix, shape);

        var error = Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint(), score: () => 0.5));

        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains(prefix, error.Message, StringComparison.Ordinal);
    }

    /// <summary>A run that an earlier version began goes on; its values are checked, though it has no sum.</summary>
    [Fact]
    public void Train_CheckpointOfLayout1_GoesOn()
    {
        var expected = TrainSegmenter(checkpoint: null);
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: 8));
        CheckpointEdit.ToLayout1(FilePath);

        Assert.Equal(expected, TrainSegmenter(Checkpoint()));
    }

    [Fact]
    public void Train_WeightsInPlaceOfACheckpoint_AreRefused()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FilePath)!);
        using (var network = TwoTissues.Segmenter())
        {
            Mlps.Torch.Weights.ModuleWeights.SaveWeights(network, FilePath);
        }

        Assert.Contains("no checkpoint", Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FolderThatIsAFile_SaysThatTheCheckpointCannotBeWritten()
    {
        File.WriteAllText(System.IO.Path.GetDirectoryName(FilePath)!, "in the way");

        var error = Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint()));

        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_LossNotANumber_KeepsTheLastGoodCheckpoint()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => TrainSegmenter(Checkpoint(), stopAfter: 4));
        var good = File.ReadAllBytes(FilePath);
        using var network = TwoTissues.Segmenter();
        var spoilt = new ProgressList(report =>
        {
            using var noGrad = no_grad();
            network.state_dict()["decoder.last_conv.8.bias"].fill_(float.NaN);
        });

        Assert.Throws<TrainingException>(() => Trainer(network, Checkpoint(), SegmenterOptions, score: null).Train(spoilt, CancellationToken.None));

        Assert.Equal(good, File.ReadAllBytes(FilePath));
    }

    private static (int Epoch, double Loss)[] Ends(ProgressList progress) =>
        [.. progress.Reports.Where(report => report.EpochEnded).Select(report => (report.Epoch, report.Loss))];

    private TrainingCheckpoint Checkpoint(string name = "run", object? options = null) =>
        new(FilePath, new CheckpointFingerprint().Add(name, options ?? "same"), TimeSpan.FromHours(1));

    private Dictionary<string, string> TrainClassifier(
        TrainingCheckpoint? checkpoint, ProgressList? progress = null, int? stopAfter = null, PatchClassifierTrainingOptions? options = null)
    {
        using var network = TwoTissues.Classifier();
        using var stop = new CancellationTokenSource();
        new PatchClassifierTrainer(network, _patches, options ?? ClassifierOptions, Normalization.None, CPU) { Checkpoint = checkpoint }.Train(Stopping(progress, stop, stopAfter), stop.Token);
        return TwoTissues.Weights(network);
    }

    private Dictionary<string, string> TrainSegmenter(
        TrainingCheckpoint? checkpoint, ProgressList? progress = null, int? stopAfter = null, Func<double>? score = null, SegmenterTrainingOptions? options = null)
    {
        using var network = TwoTissues.Segmenter();
        using var stop = new CancellationTokenSource();
        Trainer(network, checkpoint, options ?? SegmenterOptions, score).Train(Stopping(progress, stop, stopAfter), stop.Token);
        return TwoTissues.Weights(network);
    }

    private SegmenterTrainer Trainer(DeepLabV3Plus network, TrainingCheckpoint? checkpoint, SegmenterTrainingOptions options, Func<double>? score) =>
        new(network, _patches, options, Normalization.None, CPU)
        {
            Checkpoint = checkpoint,
            Validate = score is null ? null : _ => [new("meanIoU", score())],
        };

    private static ProgressList Stopping(ProgressList? progress, CancellationTokenSource stop, int? stopAfter) => new(report =>
    {
        progress?.Report(report);
        if (report.Step == stopAfter)
        {
            stop.Cancel();
        }
    });
}
