using Mlps.Torch.Convolutions;
using Mlps.Torch.Data;
using Mlps.Torch.Networks;
using Mlps.Torch.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Training;

[Collection(GlobalGenerator.Name)]
public sealed class PrecisionTests : IDisposable
{
    private readonly PatchStore _patches = TwoTissues.Store(32);

    public void Dispose() => _patches.Dispose();

    [Fact]
    public void Train_In16Bits_LowersTheLossAndKeepsWeightsOf32Bits()
    {
        using var network = TwoTissues.Classifier();
        var progress = new ProgressList();
        var options = new PatchClassifierTrainingOptions { Epochs = 10, BatchSize = 8, Seed = 5, Precision = Precision.BFloat16, Attention = AttentionSchedule.Off, Augmentation = AugmentationOptions.None };

        new PatchClassifierTrainer(network, _patches, options, Normalization.None, CPU).Train(progress, CancellationToken.None);

        var losses = progress.EpochLosses.ToArray();
        Assert.True(losses[^1] < 0.9 * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
        Assert.All(network.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
    }

    [Fact]
    public void Step_WeightsRoundedTogether_GivesTheBitsOfWeightsRoundedOneByOne()
    {
        using var scope = NewDisposeScope();
        using var together = TwoTissues.Segmenter();
        using var oneByOne = TwoTissues.Segmenter();
        using var ours = Optimizer(together);
        using var theirs = Optimizer(oneByOne);
        var images = TwoTissues.RandomImages(2, 32, 32).to(ScalarType.Float32).div(255);
        for (var step = 0; step < 3; step++)
        {
            Step(together, ours, ours.Use(Precision.BFloat16), step);
            Step(oneByOne, theirs, MixedPrecision.To(Precision.BFloat16), step);
        }

        Assert.Equal(TwoTissues.Weights(oneByOne), TwoTissues.Weights(together));
        Assert.Equal(theirs.Momentum.Count(), ours.Momentum.Count());
        using var untrained = TwoTissues.Segmenter();
        Assert.NotEqual(TwoTissues.Weights(untrained), TwoTissues.Weights(together));

        static NetworkOptimizer Optimizer(DeepLabV3Plus network) => new(new(), 1, 10, (network.BackboneParameters, 1, Decay: true), (network.HeadParameters, 10, Decay: true));

        void Step(DeepLabV3Plus network, NetworkOptimizer optimizer, MixedPrecision precision, int step)
        {
            network.train();
            using var dropout = new DropoutSource(seed: 1);
            dropout.StartStep(step);
            SeededDropout.DrawFrom(network, dropout);
            using (precision)
            {
                optimizer.Backward(network.forward(images).square().mean());
            }

            optimizer.Apply(step);
        }
    }

    [Fact]
    public void Use_WeightsOfConvolutions_AreRoundedAsTheyAreNowWithTheirOrderInMemory()
    {
        using var scope = NewDisposeScope();
        using var network = TwoTissues.Segmenter();
        using var optimizer = new NetworkOptimizer(new(), 1, 10, (network.parameters(), 1, Decay: true));
        optimizer.Use(Precision.BFloat16).Dispose();
        using (no_grad())
        {
            network.parameters().First().fill_(3);
        }

        using var precision = optimizer.Use(Precision.BFloat16);

        Assert.All(network.parameters().Where(parameter => parameter.dim() == 4), parameter =>
        {
            var rounded = MixedPrecision.Round(parameter, ScalarType.BFloat16);
            Assert.Same(rounded, MixedPrecision.Round(parameter, ScalarType.BFloat16));
            Assert.True(rounded.equal(parameter.to(ScalarType.BFloat16)).all().ToBoolean());
            Assert.Equal(parameter.stride(), rounded.stride());
        });
    }

    [Fact]
    public void Check_APrecisionWithoutAName_IsRefused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SegmenterTrainingOptions { Precision = (Precision)7 }.Check());
        Assert.Contains("Precision must be one of Full, BFloat16", error.Message, StringComparison.Ordinal);
    }
}
