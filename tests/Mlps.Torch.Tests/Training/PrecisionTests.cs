using Mlps.Torch.Data;
using Mlps.Torch.Training;
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
    public void Check_APrecisionWithoutAName_IsRefused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SegmenterTrainingOptions { Precision = (Precision)7 }.Check());
        Assert.Contains("Precision must be one of Full, BFloat16", error.Message, StringComparison.Ordinal);
    }
}
