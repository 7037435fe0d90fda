using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Mlps.Torch.Tests.Training;

[Collection(GlobalGenerator.Name)]
public sealed class SegmenterTrainerTests : IDisposable
{
    private static readonly SegmenterTrainingOptions Short = new() { Epochs = 6, BatchSize = 8, Seed = 5 };
    private static readonly SegmenterArchitecture _resNet18 = new() { Backbone = BackboneKind.ResNet18, OutputStride = 8, Width = 1.0 / 16 };
    private readonly PatchStore _patches = TwoTissues.Store(32);

    public void Dispose() => _patches.Dispose();

    [Fact]
    public void Train_TwoTissues_LowersTheLoss()
    {
        using var network = TwoTissues.Segmenter();
        var progress = new ProgressList();

        Train(network, Short with { Epochs = 12 }, progress);

        var losses = progress.EpochLosses.ToArray();
        Assert.True(losses[^1] < 0.5 * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
        Assert.False(network.training);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Train_EndedOrStopped_LeavesEachParameterMemoryOfItsOwn(bool stopped)
    {
        using var network = TwoTissues.Segmenter();
        using var stop = new CancellationTokenSource();
        Parameter[] parameters = [.. network.parameters()];
        var (shared, strides) = (false, parameters.Select(parameter => parameter.stride()).ToArray());
        var progress = new StepProgress(() =>
        {
            shared = parameters.Any(parameter => parameter.storage_offset() > 0);
            if (stopped)
            {
                stop.Cancel();
            }
        });
        var trainer = new SegmenterTrainer(network, _patches, Short with { Epochs = 1 }, Normalization.None, CPU);

        var error = Record.Exception(() => trainer.Train(progress, stop.Token));

        Assert.Equal(stopped, error is OperationCanceledException);
        Assert.True(shared);
        Assert.All(parameters, parameter => Assert.Equal(0, parameter.storage_offset()));
        Assert.All(parameters, parameter => Assert.Null(parameter.grad));
        Assert.Equal(strides, parameters.Select(parameter => parameter.stride()));
        Assert.Equal(parameters, network.parameters());
    }

    [Fact]
    public void Train_AtAnotherStride_ValidatesAndEndsAtTheNetworksOwn()
    {
        using var network = new DeepLabV3Plus(TwoTissues.ClassCount, _resNet18);
        using var image = TwoTissues.RandomImages(1, 64, 64).to(ScalarType.Float32);
        var (steps, validations) = (new List<long>(), new List<long>());
        long Rows() => network.Backbone.forward(image).HighLevel.shape[2];
        var trainer = new SegmenterTrainer(network, _patches, Short with { Epochs = 2, OutputStride = 16 }, Normalization.None, CPU)
        {
            Validate = _ =>
            {
                validations.Add(Rows());
                return [];
            },
        };

        trainer.Train(new StepProgress(() => steps.Add(Rows())), CancellationToken.None);

        Assert.Equal(4, steps[0]);
        Assert.Equal([8, 8], validations);
        Assert.Equal(8, Rows());
    }

    [Fact]
    public void Train_AtAnotherStrideStopped_EndsAtTheNetworksOwn()
    {
        using var network = new DeepLabV3Plus(TwoTissues.ClassCount, _resNet18);
        using var image = TwoTissues.RandomImages(1, 64, 64).to(ScalarType.Float32);
        using var stop = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => new SegmenterTrainer(network, _patches, Short with { OutputStride = 16 }, Normalization.None, CPU).Train(new StepProgress(stop.Cancel), stop.Token));

        Assert.Equal(8, network.Backbone.forward(image).HighLevel.shape[2]);
    }

    [Fact]
    public void Train_AnotherEncoderAtAnotherStride_IsRefused()
    {
        using var network = TwoTissues.Segmenter();

        Assert.Throws<ArgumentOutOfRangeException>(() => new SegmenterTrainer(network, _patches, Short with { OutputStride = 24 - network.Architecture.OutputStride }, Normalization.None, CPU));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SegmenterTrainer(network, _patches, Short with { OutputStride = 12 }, Normalization.None, CPU));
    }

    [Fact]
    public void Train_SameSeed_GivesBitEqualWeights()
    {
        Assert.Equal(TrainedWeights(seed: 5), TrainedWeights(seed: 5));
    }

    [Fact]
    public void Train_OtherSeed_GivesOtherWeights()
    {
        Assert.NotEqual(TrainedWeights(seed: 5)["decoder.last_conv.8.weight"], TrainedWeights(seed: 6)["decoder.last_conv.8.weight"]);
    }

    [Fact]
    public void Train_LossNotANumber_NamesStepAndRate()
    {
        using var network = TwoTissues.Segmenter();
        using (no_grad())
        {
            network.state_dict()["decoder.last_conv.8.bias"].fill_(float.NaN);
        }

        var error = Assert.Throws<TrainingException>(() => Train(network, Short));

        Assert.Contains("NaN at step 1 with learning rate 0.01", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_ScoreFalls_KeepsTheBestEpoch()
    {
        Dictionary<string, string>? first = null;
        using var network = TwoTissues.Segmenter();
        var score = 1.0;
        var trainer = new SegmenterTrainer(network, _patches, Short with { Epochs = 3 }, Normalization.None, CPU)
        {
            Validate = trained =>
            {
                first ??= TwoTissues.Weights(trained);
                return [new("meanIoU", score /= 2)];
            },
        };

        trainer.Train(null, CancellationToken.None);

        Assert.Equal(first, TwoTissues.Weights(network));
    }

    /// <summary>The same patches in the same order, each with neighbours: other losses, and learning all the same.</summary>
    [Fact]
    public void Train_Mosaics_AreWhatTheNetworkSees()
    {
        var (alone, side) = (Losses(1), Losses(2));

        Assert.NotEqual(alone[0], side[0]);
        Assert.True(side[^1] < 0.7 * side[0], $"The loss went from {side[0]} to {side[^1]}.");

        double[] Losses(int side)
        {
            using var network = TwoTissues.Segmenter();
            var progress = new ProgressList();
            Train(network, Short with { Epochs = 12, MosaicSide = side }, progress);
            return [.. progress.EpochLosses];
        }
    }

    [Theory]
    [InlineData(1, null, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(2, null, new[] { 2, 4, 5 })]
    [InlineData(9, null, new[] { 5 })]
    [InlineData(2, 2, new[] { 2, 4 })]
    public void Train_ValidatesEverySoManyEpochs_AndTheLast(int every, int? patience, int[] expected)
    {
        using var network = TwoTissues.Segmenter();
        var (score, validated, epoch) = (1.0, new List<int>(), 0);
        var trainer = new SegmenterTrainer(network, _patches, Short with { Epochs = 5, EpochsPerValidation = every, Patience = patience }, Normalization.None, CPU)
        {
            Validate = _ =>
            {
                validated.Add(epoch + 1);
                return [new("meanIoU", score /= 2)];
            },
        };

        trainer.Train(new ProgressList(report => epoch += report.EpochEnded ? 1 : 0), CancellationToken.None);

        Assert.Equal(expected, validated);
    }

    [Fact]
    public void Train_ManySteps_LeavesNoTensorsBehind()
    {
        using var network = TwoTissues.Segmenter();
        var before = TwoTissues.LiveTensors;
        var counts = new List<long>();
        var trainer = new SegmenterTrainer(network, _patches, Short with { Epochs = 3 }, Normalization.None, CPU)
        {
            Validate = _ => [new("score", counts.Count)],
        };

        trainer.Train(new ProgressList(report => counts.AddRange(report.EpochEnded ? [] : [TwoTissues.LiveTensors])), CancellationToken.None);

        Assert.Equal(12, counts.Count);
        Assert.Single(counts.Skip(4).Distinct());
        // TorchSharp counts parameters when they are disposed and not when they are made: the count may be negative.
        Assert.InRange(TwoTissues.LiveTensors, long.MinValue, before);
    }

    [Fact]
    public void Train_ShortLastBatch_IsUsedOnlyWhenAsked()
    {
        using var patches = TwoTissues.Store(10);

        Assert.Equal(1, Steps(Short with { Epochs = 1 }));
        Assert.Equal(2, Steps(Short with { Epochs = 1, Quirks = new() { KeepShortBatch = true } }));

        long Steps(SegmenterTrainingOptions options)
        {
            using var network = TwoTissues.Segmenter();
            var progress = new ProgressList();
            new SegmenterTrainer(network, patches, options, Normalization.None, CPU).Train(progress, CancellationToken.None);
            return progress.Reports[^1].Step;
        }
    }

    [Fact]
    public void Constructor_WeightsThatDoNotFitTheMasks_NamesBothCounts()
    {
        using var network = TwoTissues.Segmenter();
        using var patches = TwoTissues.Store(4, maskCount: 1);

        var error = Assert.Throws<ArgumentException>(() => new SegmenterTrainer(network, patches, Short, Normalization.None, CPU));

        Assert.Contains("MaskWeights has 3 values for 1 masks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructors_StoreWithoutPatches_AreRefused()
    {
        using var segmenter = TwoTissues.Segmenter();
        using var classifier = TwoTissues.Classifier();
        using var patches = TwoTissues.Store(0);

        Assert.Throws<ArgumentOutOfRangeException>(() => new SegmenterTrainer(segmenter, patches, Short, Normalization.None, CPU));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchClassifierTrainer(classifier, patches, new(), Normalization.None, CPU));
    }

    private void Train(DeepLabV3Plus network, SegmenterTrainingOptions options, IProgress<TrainingProgress>? progress = null) =>
        new SegmenterTrainer(network, _patches, options, Normalization.None, CPU).Train(progress, CancellationToken.None);

    private Dictionary<string, string> TrainedWeights(int seed)
    {
        using var network = TwoTissues.Segmenter();
        Train(network, Short with { Epochs = 2, Seed = seed });
        return TwoTissues.Weights(network);
    }
}
