using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

[Collection(GlobalGenerator.Name)]
public sealed class PatchClassifierTrainerTests : IDisposable
{
    private static readonly PatchClassifierTrainingOptions Short = new() { Epochs = 6, BatchSize = 8, Seed = 5 };
    private readonly PatchStore _patches = TwoTissues.Store(32);

    public void Dispose() => _patches.Dispose();

    [Fact]
    public void Train_TwoTissues_LowersTheLoss()
    {
        using var network = TwoTissues.Classifier();
        var progress = new ProgressList();

        Train(network, Short with { Epochs = 10, Attention = AttentionSchedule.Off, Augmentation = AugmentationOptions.None }, progress);

        var losses = progress.EpochLosses.ToArray();
        Assert.True(losses[^1] < 0.9 * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
        Assert.False(network.training);
    }

    [Fact]
    public void Train_SameSeed_GivesBitEqualWeights()
    {
        Assert.Equal(TrainedWeights(seed: 5), TrainedWeights(seed: 5));
    }

    [Fact]
    public void Train_OtherSeed_GivesOtherWeights()
    {
        Assert.NotEqual(TrainedWeights(seed: 5)["fc8.weight"], TrainedWeights(seed: 6)["fc8.weight"]);
    }

    [Fact]
    public void Train_AtAnotherStride_ValidatesAndEndsAtTheNetworksOwn()
    {
        using var network = new ResNet18(TwoTissues.ClassCount, 1.0 / 16);
        using var image = TwoTissues.RandomImages(1, 64, 64).to(ScalarType.Float32);
        var seen = new List<long>();
        var trainer = new PatchClassifierTrainer(network, _patches, Short with { Epochs = 2, OutputStride = 32 }, Normalization.None, CPU)
        {
            Validate = validated =>
            {
                seen.Add(validated.Features(image).shape[2]);
                return [];
            },
        };

        trainer.Train(null, CancellationToken.None);

        Assert.Equal([8, 8], seen);
        Assert.Equal(8, network.Features(image).shape[2]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Train_ResNet18_ComputesAtTheStrideOfTheOptions(int stride)
    {
        using var network = new ResNet18(TwoTissues.ClassCount, 1.0 / 16);
        using var image = TwoTissues.RandomImages(1, 64, 64).to(ScalarType.Float32);
        var seen = new List<long>();

        new PatchClassifierTrainer(network, _patches, Short with { Epochs = 1, OutputStride = stride }, Normalization.None, CPU)
            .Train(new StepProgress(() => seen.Add(network.Features(image).shape[2])), CancellationToken.None);

        Assert.Equal(64 / stride, seen[0]);
    }

    [Fact]
    public void Train_AtAnotherStrideStopped_EndsAtTheNetworksOwn()
    {
        using var network = new ResNet18(TwoTissues.ClassCount, 1.0 / 16);
        using var image = TwoTissues.RandomImages(1, 64, 64).to(ScalarType.Float32);
        using var stop = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => new PatchClassifierTrainer(network, _patches, Short with { OutputStride = 32 }, Normalization.None, CPU).Train(new StepProgress(stop.Cancel), stop.Token));

        Assert.Equal(8, network.Features(image).shape[2]);
    }

    [Fact]
    public void Train_ResNet38AtAnotherStride_IsRefused()
    {
        using var network = TwoTissues.Classifier();

        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchClassifierTrainer(network, _patches, Short with { OutputStride = 16 }, Normalization.None, CPU));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchClassifierTrainer(network, _patches, Short with { OutputStride = 12 }, Normalization.None, CPU));
    }

    [Fact]
    public void Train_PatchesInMappedFiles_GivesTheWeightsOfPatchesInMemory()
    {
        using var mapped = TwoTissues.Store(32, memoryBudget: 0);
        using var network = TwoTissues.Classifier();
        new PatchClassifierTrainer(network, mapped, Short with { Epochs = 2 }, Normalization.None, CPU).Train(null, CancellationToken.None);

        Assert.Equal(TrainedWeights(seed: 5), TwoTissues.Weights(network));
    }

    [Fact]
    public void Train_EverythingFrozenThatCanBe_MovesTheRestOnly()
    {
        using var network = TwoTissues.Classifier();
        var before = TwoTissues.Weights(network);

        Train(network, Short with { Epochs = 1, FreezeFront = true, FreezeBatchNorm = true });

        var after = TwoTissues.Weights(network);
        Assert.All(before.Keys, name => Assert.Equal(!IsFront(name) && !IsBatchNorm(name), before[name] != after[name]));
    }

    [Fact]
    public void Train_FrontFrozen_KeepsItsBatchNormStatisticsToo()
    {
        using var network = TwoTissues.Classifier();
        var before = TwoTissues.Weights(network);

        Train(network, Short with { Epochs = 1, FreezeFront = true });

        var after = TwoTissues.Weights(network);
        Assert.All(before.Keys.Where(IsFront), name => Assert.Equal(before[name], after[name]));
        Assert.NotEqual(before["b3.bn_branch2a.running_mean"], after["b3.bn_branch2a.running_mean"]);
        Assert.NotEqual(before["b3.bn_branch2b1.weight"], after["b3.bn_branch2b1.weight"]);
    }

    [Fact]
    public void Train_Default_MovesEveryWeight()
    {
        using var network = TwoTissues.Classifier();
        var before = TwoTissues.Weights(network);

        Train(network, Short with { Epochs = 1 });

        var after = TwoTissues.Weights(network);
        Assert.All(before.Keys, name => Assert.NotEqual(before[name], after[name]));
    }

    [Fact]
    public void Train_LossNotANumber_NamesStepAndRate()
    {
        using var network = TwoTissues.Classifier();
        using (no_grad())
        {
            network.Head.weight.fill_(float.NaN);
        }

        var error = Assert.Throws<TrainingException>(() => Train(network, Short));

        Assert.Contains("NaN at step 1 with learning rate 0.01", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_LearningRateFarTooHigh_NamesALaterStep()
    {
        using var network = TwoTissues.Classifier();

        var error = Assert.Throws<TrainingException>(() => Train(network, Short with { Optimizer = new() { LearningRate = 1e20 } }));

        Assert.Matches("at step [2-9] with learning rate [0-9.]+e\\+(19|20)", error.Message);
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        using var network = TwoTissues.Classifier();
        using var source = new CancellationTokenSource();
        var progress = new ProgressList(_ => source.Cancel());
        var trainer = new PatchClassifierTrainer(network, _patches, Short, Normalization.None, CPU);

        Assert.Throws<OperationCanceledException>(() => trainer.Train(progress, source.Token));

        Assert.Single(progress.Reports);
    }

    [Fact]
    public void Train_ScoreFalls_KeepsTheBestEpoch()
    {
        Dictionary<string, string>? first = null;
        using var network = TwoTissues.Classifier();
        var score = 1.0;
        var trainer = new PatchClassifierTrainer(network, _patches, Short with { Epochs = 3 }, Normalization.None, CPU)
        {
            Validate = trained =>
            {
                Assert.False(trained.training);
                first ??= TwoTissues.Weights(trained);
                return [new("score", score /= 2)];
            },
        };

        trainer.Train(null, CancellationToken.None);

        Assert.Equal(first, TwoTissues.Weights(network));
    }

    [Fact]
    public void Train_ReportsStepsRatesAndScores()
    {
        using var network = TwoTissues.Classifier();
        var progress = new ProgressList();
        var trainer = new PatchClassifierTrainer(network, _patches, Short with { Epochs = 2 }, Normalization.None, CPU)
        {
            Validate = _ => [new("score", 0.25)],
        };

        trainer.Train(progress, CancellationToken.None);

        var steps = progress.Reports.Where(report => !report.EpochEnded).ToArray();
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], steps.Select(report => report.Step));
        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2], steps.Select(report => report.Epoch));
        Assert.All(steps, report => Assert.Equal(0.01 * Math.Pow(1 - ((report.Step - 1) / 8.0), 0.9), report.LearningRate, 12));
        Assert.All(progress.Reports, report => Assert.Equal((TrainingStage.PatchClassifier, 2, 8L), (report.Stage, report.Epochs, report.Steps)));
        Assert.All(progress.Reports.Where(report => report.EpochEnded), report =>
        {
            Assert.Equal(["exactMatch", "labelIoU", "validation.score"], report.Scores.Keys.Order());
            Assert.Equal(0.25, report.Scores["validation.score"]);
        });
    }

    [Fact]
    public void Train_ManySteps_LeavesNoTensorsBehind()
    {
        using var network = TwoTissues.Classifier();
        var before = TwoTissues.LiveTensors;
        var counts = new List<long>();
        var trainer = new PatchClassifierTrainer(network, _patches, Short with { Epochs = 3 }, Normalization.None, CPU)
        {
            Validate = _ => [new("score", counts.Count)],
        };

        trainer.Train(new ProgressList(report => counts.AddRange(report.EpochEnded ? [] : [TwoTissues.LiveTensors])), CancellationToken.None);

        // Best weights are kept from the first epoch's end on, so counts are compared from the second epoch.
        Assert.Equal(12, counts.Count);
        Assert.Single(counts.Skip(4).Distinct());
        // TorchSharp counts parameters when they are disposed and not when they are made: the count may be negative.
        Assert.InRange(TwoTissues.LiveTensors, long.MinValue, before);
    }

    [Fact]
    public void Train_WithAttention_LeavesInferenceWithoutIt()
    {
        using var scope = NewDisposeScope();
        var network = TwoTissues.Classifier();
        Train(network, Short with { Epochs = 2, Attention = new() { Decay = 0.5, DecayFromEpoch = 0 } });
        using var classifier = new Mlps.Torch.Inference.PatchClassifier(network, Normalization.None, (16, 16), CPU);
        var images = TwoTissues.RandomImages(3, 16, 16);
        var unit = images.to(ScalarType.Float32).div(255);

        var probabilities = classifier.PredictProbabilities(images);

        using var noGrad = no_grad();
        var features = network.Features(unit);
        var plain = network.Head.forward(features).mean([2, 3]).sigmoid();
        var attended = network.forward(unit, new ProgressiveDropoutAttention(1, 2)).sigmoid();
        Assert.True(probabilities.allclose(plain, 1e-4, 1e-5));
        Assert.False(probabilities.allclose(attended, 1e-4, 1e-5));
    }

    private void Train(ResNet38 network, PatchClassifierTrainingOptions options, IProgress<TrainingProgress>? progress = null) =>
        new PatchClassifierTrainer(network, _patches, options, Normalization.None, CPU).Train(progress, CancellationToken.None);

    private Dictionary<string, string> TrainedWeights(int seed)
    {
        using var network = TwoTissues.Classifier();
        Train(network, Short with { Epochs = 2, Seed = seed });
        return TwoTissues.Weights(network);
    }

    private static bool IsFront(string name) => name.StartsWith("conv1a", StringComparison.Ordinal) || name.StartsWith("b2", StringComparison.Ordinal);

    private static bool IsBatchNorm(string name) => name.Contains("bn_", StringComparison.Ordinal) || name.StartsWith("bn7", StringComparison.Ordinal);
}
