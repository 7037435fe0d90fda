using Mlps.Testing;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Ranks;

/// <summary>Two ranks, each on half of every batch, train what one does on all of it.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class SharedBatchTests : IDisposable
{
    private const int Steps = 20;
    private const int FewSteps = 4;
    private const double LossTolerance = 1e-5;

    /// <summary>Of a single step: a BatchNorm of these small networks multiplies rounding by up to 1/sqrt(eps), 316, where its pixels happen to be nearly alike.</summary>
    private const double StepTolerance = 1e-4;

    /// <summary>By how much the loss falls at least in 20 steps of slow learning.</summary>
    private const double LeastProgress = 0.02;

    /// <summary>Of a weight, or of a running statistic, relative to it where it is above 1.</summary>
    private const double WeightTolerance = 1e-4;

    // A pixel whose activation is a rounding error above 0 alone and below 0 together changes gradients by its share. Slow learning and larger patches keep that share small.
    private static readonly SegmenterTrainingOptions _segmenter = new() { Epochs = FewSteps, BatchSize = 20, Seed = 5, Optimizer = new() { LearningRate = 0.001, HeadFactor = 10 } };

    private static OptimizerOptions SlowLearning => new() { LearningRate = 0.00003, HeadFactor = 10 };

    private static readonly Dictionary<string, SegmenterTrainingOptions> _segmenters = new()
    {
        ["the defaults"] = _segmenter,
        ["frozen BatchNorm"] = _segmenter with { FreezeBatchNorm = true },
        ["Dice loss, weights by agreement"] = _segmenter with { Loss = SegmentationLoss.CrossEntropyDice, DisagreementFactor = 0.5 },
        ["focal loss, weights of classes"] = _segmenter with { Loss = SegmentationLoss.Focal, ClassWeighting = ClassWeighting.InverseLogFrequency },
        ["squares of four patches"] = _segmenter with { MosaicSide = 2, BatchSize = 16 },
        ["the published code"] = SegmenterTrainingOptions.Reference with { Epochs = FewSteps, BatchSize = 20, Seed = 5, ClassWeighting = ClassWeighting.InverseLogFrequency },
        ["a short batch, uneven shares"] = _segmenter with { BatchSize = 14, Epochs = 2, Quirks = new() { KeepShortBatch = true, DivideLossByBatch = true } },
        ["averaged weights"] = _segmenter with { WeightAveraging = 0.9 },
    };

    /// <summary>An epoch of 20 is a step, so that the reports have the loss of each.</summary>
    private readonly PatchStore _patches = TwoTissues.Store(20, size: 32);

    public static TheoryData<string> Segmenters => [.. _segmenters.Keys];

    public void Dispose() => _patches.Dispose();

    [Theory]
    [MemberData(nameof(Segmenters))]
    public void Segmenter_OnTwoRanks_LearnsWhatOneDoes(string name) => AssertSame(ranks => Segmenter(_segmenters[name], ranks), ranks: 2);

    /// <summary>Larger patches have fewer activations within rounding of 0, and slow learning does not multiply what they change: every single step stays near.</summary>
    [Fact]
    public void Segmenter_TwentySteps_HasTheSameLossInEach()
    {
        using var large = TwoTissues.Store(20, size: 64);
        var options = _segmenter with { Epochs = Steps, Optimizer = SlowLearning };
        AssertSameInEachStep(ranks => Segmenter(options, ranks, large));
    }

    [Fact]
    public void Classifier_TwentySteps_HasTheSameLossInEach()
    {
        using var large = TwoTissues.Store(20, size: 64);
        var options = new PatchClassifierTrainingOptions { Epochs = Steps, BatchSize = 20, Seed = 5, Optimizer = SlowLearning, Attention = new() { FirstEpoch = 2 } };
        AssertSameInEachStep(ranks => Classifier(options, ranks, large));
    }

    [Fact]
    public void Segmenter_OnFourRanks_LearnsWhatOneDoes() => AssertSame(ranks => Segmenter(_segmenter, ranks), ranks: 4);

    [Fact]
    public void Classifier_OnTwoRanks_LearnsWhatOneDoes() =>
        AssertSame(ranks => Classifier(new() { Epochs = FewSteps, BatchSize = 20, Seed = 5, Optimizer = new() { LearningRate = 0.0002, HeadFactor = 10 }, Attention = new() { FirstEpoch = 2 } }, ranks), ranks: 2);

    /// <summary>Without common statistics the ranks would go apart: the test above must see that.</summary>
    [Fact]
    public void Segmenter_StatisticsOfEachRankAlone_GiveOtherLosses()
    {
        var whole = Segmenter(_segmenter with { Epochs = 1 }, ranks: null);
        using var half = TwoTissues.Store(10, size: 32);

        var alone = Segmenter(_segmenter with { Epochs = 1, BatchSize = 10 }, ranks: null, half);

        Assert.True(Math.Abs(whole.Losses[0] - alone.Losses[0]) > LossTolerance);
    }

    private static void AssertSame(Func<RankGroup?, Trained> train, int ranks)
    {
        var alone = train(null);
        var together = ThreadRanks.Run(ranks, train);

        Assert.NotEmpty(alone.Losses);
        Assert.All(together, rank =>
        {
            Assert.Equal(alone.Losses.Length, rank.Losses.Length);
            double[] differences = [.. alone.Losses.Zip(rank.Losses, (one, other) => Math.Abs(one - other))];
            Assert.True(differences.Max() <= StepTolerance && differences.Average() <= LossTolerance, $"Differences: {string.Join(", ", differences)}");
            Assert.Equal(alone.Patches, rank.Patches);
            Assert.Equal(alone.Weights.Keys, rank.Weights.Keys);
            Assert.All(alone.Weights, pair => Assert.True(Distance(pair.Value, rank.Weights[pair.Key]) <= WeightTolerance, $"{pair.Key} differs by {Distance(pair.Value, rank.Weights[pair.Key])}."));
        });
        Assert.All(together[1..], rank => Assert.All(rank.Weights, pair => Assert.Equal(together[0].Weights[pair.Key], pair.Value)));
    }

    private static void AssertSameInEachStep(Func<RankGroup?, Trained> train)
    {
        var alone = train(null);
        var together = ThreadRanks.Run(2, train);

        Assert.True(alone.Losses.Min() < alone.Losses[0] - LeastProgress, "So little is learnt that losses would agree whatever the ranks did.");
        Assert.All(together, rank =>
        {
            Assert.All(alone.Losses.Zip(rank.Losses), losses => Assert.Equal(losses.First, losses.Second, LossTolerance));
            Assert.All(alone.Weights, pair => Assert.True(Distance(pair.Value, rank.Weights[pair.Key]) <= WeightTolerance, $"{pair.Key} differs by {Distance(pair.Value, rank.Weights[pair.Key])}."));
        });
    }

    private static double Distance(double[] alone, double[] together) => alone.Zip(together).Max(values => Math.Abs(values.First - values.Second) / Math.Max(1, Math.Abs(values.First)));

    private Trained Segmenter(SegmenterTrainingOptions options, RankGroup? ranks, PatchStore? patches = null)
    {
        using var network = TwoTissues.Segmenter();
        var progress = new ProgressList();
        new SegmenterTrainer(network, patches ?? _patches, options, Normalization.None, CPU) { Ranks = ranks }.Train(progress, CancellationToken.None);
        return Trained.From(network, progress);
    }

    private Trained Classifier(PatchClassifierTrainingOptions options, RankGroup? ranks, PatchStore? patches = null)
    {
        using var network = TwoTissues.Classifier();
        var progress = new ProgressList();
        new PatchClassifierTrainer(network, patches ?? _patches, options, Normalization.None, CPU) { Ranks = ranks }.Train(progress, CancellationToken.None);
        return Trained.From(network, progress);
    }

    /// <summary>What came of a training.</summary>
    private sealed record Trained(double[] Losses, long Patches, Dictionary<string, double[]> Weights)
    {
        public static Trained From(nn.Module network, ProgressList progress)
        {
            using var scope = NewDisposeScope();
            return new(
                [.. progress.Reports.Select(report => report.Loss), .. progress.Reports.SelectMany(report => report.Scores.Values)],
                progress.Reports[^1].Steps,
                network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray()));
        }
    }
}
