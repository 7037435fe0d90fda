using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Torch.Tests.Training.Checkpoints;

/// <summary>A run that was stopped goes on from its checkpoint as if it had not been.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class TrainingCheckpointTests : CheckpointedTraining
{
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

    private static (int Epoch, double Loss)[] Ends(ProgressList progress) =>
        [.. progress.Reports.Where(report => report.EpochEnded).Select(report => (report.Epoch, report.Loss))];
}
