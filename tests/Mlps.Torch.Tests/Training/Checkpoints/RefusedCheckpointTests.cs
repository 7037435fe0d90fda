using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training.Checkpoints;

/// <summary>Checkpoints of other runs, damaged or edited ones, and places where none can be written.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class RefusedCheckpointTests : CheckpointedTraining
{
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
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        using (var network = TwoTissues.Segmenter())
        {
            Mlps.Torch.Weights.ModuleWeights.SaveWeights(network, FilePath);
        }

        Assert.Contains("no checkpoint", Assert.Throws<TrainingException>(() => TrainSegmenter(Checkpoint())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FolderThatIsAFile_SaysThatTheCheckpointCannotBeWritten()
    {
        File.WriteAllText(Path.GetDirectoryName(FilePath)!, "in the way");

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
}
