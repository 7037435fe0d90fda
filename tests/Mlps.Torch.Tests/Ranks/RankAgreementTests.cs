using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Ranks;

[Collection(GlobalGenerator.Name)]
public sealed class RankAgreementTests : IDisposable
{
    private static readonly SegmenterTrainingOptions _options = new() { Epochs = 3, BatchSize = 4, Seed = 5 };
    private readonly PatchStore _patches = TwoTissues.Store(12);
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _patches.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Require_OtherOption_NamesItOnEveryRank()
    {
        var messages = ThreadRanks.Run(3, ranks =>
            Assert.Throws<TrainingException>(() => RankAgreement.Require(ranks, new CheckpointFingerprint().Add("Training", _options with { BatchSize = ranks.Rank == 1 ? 8 : 4 }))).Message);

        Assert.All(messages, message => Assert.Equal("The ranks do not train the same: Training.BatchSize is 8 on rank 1 and 4 on rank 0. Give all of them the same options, data, files and kind of device.", message));
    }

    [Fact]
    public void Require_TheSame_GoesOn() => ThreadRanks.Run(2, ranks =>
    {
        RankAgreement.Require(ranks, new CheckpointFingerprint().Add("Training", _options));
        return true;
    });

    [Fact]
    public void RequireDevices_OtherKind_NamesItOnEveryRank()
    {
        var messages = ThreadRanks.Run(2, ranks =>
            Assert.Throws<TrainingException>(() => RankAgreement.RequireDevices(ranks, new(ranks.Rank == 1 ? DeviceType.CUDA : DeviceType.CPU))).Message);

        Assert.All(messages, message => Assert.StartsWith("The ranks do not train the same: Device is CUDA on rank 1 and CPU on rank 0.", message, StringComparison.Ordinal));
    }

    [Fact]
    public void RequireDevices_SeveralGpus_GoesOn() => ThreadRanks.Run(2, ranks =>
    {
        RankAgreement.RequireDevices(ranks, new(DeviceType.CUDA, ranks.Rank));
        return true;
    });

    [Theory]
    [InlineData(20, 40, 3, 1, false, "A batch of 20 patches cannot be shared evenly by 3 ranks. Give a batch size that is a multiple of 3, or start another number of ranks.")]
    [InlineData(16, 40, 8, 4, false, "A batch of 16 patches cannot be shared evenly by 8 ranks in squares of 4 patches. Give a batch size that is a multiple of 32, or start another number of ranks.")]
    [InlineData(20, 3, 4, 1, false, "The only batch of an epoch has 3 patches, too few for 4 ranks. Start fewer ranks, give more patches, or train alone.")]
    [InlineData(20, 21, 2, 1, true, "The last batch of an epoch has 1 patches, too few for 2 ranks. Start fewer ranks, give more patches, or another batch size.")]
    [InlineData(20, 21, 2, 1, false, null)]
    [InlineData(20, 7, 3, 1, false, null)]
    public void RequireShares_BatchThatDoesNotFit_SaysWhatToDo(int batch, int patches, int count, int together, bool keepShort, string? message)
    {
        var plan = new EpochPlan(patches, batch, keepShort, 1);
        var thrown = ThreadRanks.Run(count, ranks => Record.Exception(() => RankAgreement.RequireShares(ranks, plan, together))?.Message);

        Assert.All(thrown, actual => Assert.Equal(message, actual));
    }

    /// <summary>The ranks' weights are compared after every epoch.</summary>
    [Fact]
    public void Train_WeightsThatGoApart_IsNoticed()
    {
        var error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, ranks => Train(ranks, network =>
        {
            using var noGrad = no_grad();
            network.parameters().First().add_(ranks.Rank);
        })));

        Assert.Contains("Weights is ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>One rank is asked to stop: all do after the same step, rank 0 writes the checkpoint, and going on gives the same bits as an undisturbed run.</summary>
    [Fact]
    public void Train_OneRankIsStopped_AllStop_AndGoOnFromTheCheckpoint()
    {
        var undisturbed = ThreadRanks.Run(2, ranks => Train(ranks));
        var path = _folder.Combine("run.checkpoint");

        var stopped = ThreadRanks.Run(2, ranks =>
        {
            using var stop = new CancellationTokenSource();
            var steps = 0;
            var progress = new StepProgress(() =>
            {
                steps++;
                if (ranks.Rank == 1 && steps == 4)
                {
                    stop.Cancel();
                }
            });
            var exception = Record.Exception(() => Train(ranks, checkpoint: Checkpoint(path, ranks), progress: progress, stop: stop.Token));
            return (steps, exception);
        });

        Assert.All(stopped, rank => Assert.IsAssignableFrom<OperationCanceledException>(rank.exception));
        Assert.Equal([5, 5], stopped.Select(rank => rank.steps));
        Assert.True(File.Exists(path));
        Assert.False(File.Exists(path + "1"));

        var steps = new int[2];
        var finished = ThreadRanks.Run(2, ranks => Train(ranks, checkpoint: Checkpoint(path, ranks, sameFile: true), progress: new StepProgress(() => steps[ranks.Rank]++)));

        Assert.Equal([4, 4], steps);
        Assert.Equal(undisturbed[0], finished[0]);
        Assert.Equal(undisturbed[1], finished[1]);
    }

    /// <summary>A rank that reads another checkpoint, as from a folder that is not shared, would train other steps.</summary>
    [Fact]
    public void Train_OneRankDoesNotSeeTheCheckpoint_IsNoticed()
    {
        var path = _folder.Combine("run.checkpoint");
        ThreadRanks.Run(2, ranks => Train(ranks, checkpoint: Checkpoint(path, ranks)));

        var error = Assert.Throws<TrainingException>(() => ThreadRanks.Run(2, ranks => Train(ranks, checkpoint: Checkpoint(path, ranks))));

        Assert.Contains("Finished is false on rank 1 and true on rank 0", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Where rank 0 writes, or another file for other ranks, which they must not write.</summary>
    private static TrainingCheckpoint Checkpoint(string path, RankGroup ranks, bool sameFile = false) =>
        new(ranks.IsFirst || sameFile ? path : path + "1", new CheckpointFingerprint().Add("Training", _options), TimeSpan.FromHours(1));

    private Dictionary<string, string> Train(
        RankGroup ranks, Action<DeepLabV3Plus>? beforeValidation = null, TrainingCheckpoint? checkpoint = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        using var network = TwoTissues.Segmenter();
        var trainer = new SegmenterTrainer(network, _patches, _options, Normalization.None, CPU)
        {
            Ranks = ranks,
            Checkpoint = checkpoint,
            Validate = trained =>
            {
                beforeValidation?.Invoke(trained);
                return [];
            },
        };
        trainer.Train(progress, stop);
        return TwoTissues.Weights(network);
    }
}
