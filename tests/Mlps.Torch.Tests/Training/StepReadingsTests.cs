using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Training;
using Mlps.Torch.Training.Checkpoints;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

/// <summary>Losses and scores that are read every eight steps, as on GPUs.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class StepReadingsTests : IDisposable
{
    private const int Lag = 8;
    private const int StepsPerEpoch = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly PatchStore _patches = TwoTissues.Store(32);

    public void Dispose()
    {
        _patches.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void StepsOn_Cpu_IsEveryStep() => Assert.Equal((1, Lag), (StepReadings.StepsOn(CPU), StepReadings.StepsOn(new Device("cuda:1"))));

    [Theory]
    [InlineData(TrainingStage.PatchClassifier)]
    [InlineData(TrainingStage.Segmenter)]
    public void Run_ReadEveryEightSteps_GivesTheSameWeightsAndReports(TrainingStage stage)
    {
        var (atOnce, lagging) = (new ProgressList(), new ProgressList());
        var latest = 0L;
        var most = 0L;

        var expected = Train(stage, 1, atOnce);
        var actual = Train(stage, Lag, new ProgressList(report =>
        {
            lagging.Report(report);
            latest = report.Step;
        }), loss: (_, step) => most = Math.Max(most, step - latest));

        Assert.Equal(expected, actual);
        Assert.Equal(Figures(atOnce), Figures(lagging));
        Assert.Equal(stage is TrainingStage.PatchClassifier, atOnce.Reports[^1].Scores.ContainsKey("labelIoU"));
        Assert.Equal(Lag - 1, most);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(12)]
    public void Run_LossNotANumber_StopsWithinEightStepsAndNamesItsStep(int at)
    {
        var last = 0L;

        var error = Assert.Throws<TrainingException>(() => Train(TrainingStage.Segmenter, Lag, progress: null, loss: (loss, step) =>
        {
            last = step;
            return step == at - 1 ? loss.mul(float.NaN) : loss;
        }));

        Assert.StartsWith($"The loss became NaN at step {at} with", error.Message, StringComparison.Ordinal);
        Assert.InRange(last + 1, at, at + Lag - 1);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(15)]
    public void Run_StoppedBetweenReadings_EndsAsIfItHadNotBeen(int after)
    {
        var undisturbed = new ProgressList();
        var expected = Train(TrainingStage.PatchClassifier, Lag, undisturbed);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train(TrainingStage.PatchClassifier, Lag, progress: null, Checkpoint(), stop, (loss, step) =>
        {
            if (step == after - 1)
            {
                stop.Cancel();
            }

            return loss;
        }));

        var resumed = new ProgressList();
        var actual = Train(TrainingStage.PatchClassifier, Lag, resumed, Checkpoint());

        Assert.Equal(expected, actual);
        Assert.Equal(Figures(undisturbed).Where(report => report.EpochEnded), Figures(resumed).Where(report => report.EpochEnded));
        Assert.Equal(after + 1, resumed.Reports.First(report => !report.EpochEnded).Step);
    }

    private static (long Step, bool EpochEnded, double Loss, double Rate, string Scores)[] Figures(ProgressList progress) =>
        [.. progress.Reports.Select(report => (report.Step, report.EpochEnded, report.Loss, report.LearningRate, string.Join(", ", report.Scores)))];

    private TrainingCheckpoint Checkpoint() => new(System.IO.Path.Combine(_folder.Path, "run.checkpoint"), new CheckpointFingerprint().Add("run", "same"), TimeSpan.FromHours(1));

    /// <summary>Trains two epochs of ten steps; the loss of each step goes through a function.</summary>
    private Dictionary<string, string> Train(
        TrainingStage stage, int stepsPerReading, IProgress<TrainingProgress>? progress, TrainingCheckpoint? checkpoint = null, CancellationTokenSource? stop = null, Func<Tensor, long, object>? loss = null)
    {
        using nn.Module network = stage is TrainingStage.Segmenter ? TwoTissues.Segmenter() : TwoTissues.Classifier();
        ITrainedStage trainer = network is DeepLabV3Plus segmenter
            ? new SegmenterTrainer(segmenter, _patches, new SegmenterTrainingOptions { Seed = 5 }, Normalization.None, CPU)
            : new PatchClassifierTrainer((ClassifierNetwork)network, _patches, new PatchClassifierTrainingOptions { Seed = 5 }, Normalization.None, CPU);
        var options = PlainLoop.Of(epochs: 2, batchSize: 3, seed: 5);
        var watched = new WatchedStage(trainer, loss ?? ((value, _) => value));
        new TrainingLoop(watched, _patches, options, CPU) { Checkpoint = checkpoint, StepsPerReading = stepsPerReading }.Run(progress, stop?.Token ?? CancellationToken.None);
        return TwoTissues.Weights(network);
    }

    /// <summary>Another stage, whose losses are seen and changed.</summary>
    private sealed class WatchedStage(ITrainedStage stage, Func<Tensor, long, object> see) : ITrainedStage
    {
        private long _step;

        public TrainingStage Stage => stage.Stage;

        public nn.Module Network => stage.Network;

        public Precision Precision => stage.Precision;

        public NetworkOptimizer PrepareOptimizer(int stepsPerEpoch)
        {
            Assert.Equal(StepsPerEpoch, stepsPerEpoch);
            return stage.PrepareOptimizer(stepsPerEpoch);
        }

        public void StartEpoch(int epoch) => stage.StartEpoch(epoch);

        public (Tensor Loss, (string Name, Tensor Value)[] Scores) Loss(PatchBatch batch, BatchShare share)
        {
            var (loss, scores) = stage.Loss(batch, share);
            return (see(loss, _step++) as Tensor ?? loss, scores);
        }

        public IReadOnlyList<KeyValuePair<string, double>> Validate() => stage.Validate();
    }
}
