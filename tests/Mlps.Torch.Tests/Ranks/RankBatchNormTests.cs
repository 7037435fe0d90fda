using Mlps.Testing;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using BatchNorm = Mlps.Torch.Networks.BatchNorm;

namespace Mlps.Torch.Tests.Ranks;

[Collection(GlobalGenerator.Name)]
public sealed class RankBatchNormTests
{
    private const int Channels = 5;

    /// <summary>In double precision, so that what differs is no rounding.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Normalize_RowsOfABatch_IsTheBatchNormOfAllOfThem(int ranks, bool channelsLast)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(3, CPU);
        var input = Random([7, Channels, 4, 3]).mul(3).add(2);
        var weights = Random([7, Channels, 4, 3]);
        var expected = Run(input, weights, new Func<BatchNorm2d, Tensor, Tensor>((norm, x) => norm.forward(x)));

        var parts = ThreadRanks.Run(ranks, group =>
        {
            using var rankScope = new RankScope(group);
            var (first, count) = BatchShare.Of(group, 7, 1) is var share ? (share.First, share.Count) : default;
            return Run(input.narrow(0, first, count), weights.narrow(0, first, count), BatchNormalization.Normalize);
        });

        AssertClose(expected.Output, cat([.. parts.Select(part => part.Output)]));
        AssertClose(expected.OfInput, cat([.. parts.Select(part => part.OfInput)]));
        AssertClose(expected.OfWeight, parts.Select(part => part.OfWeight).Aggregate((sum, part) => sum.add(part)));
        AssertClose(expected.OfBias, parts.Select(part => part.OfBias).Aggregate((sum, part) => sum.add(part)));
        Assert.All(parts, part =>
        {
            AssertClose(expected.Mean, part.Mean);
            AssertClose(expected.Variance, part.Variance);
            Assert.Equal(1, part.Batches);
        });

        Tensor Random(long[] shape) => randn(shape, dtype: ScalarType.Float64, device: CPU, generator: generator);

        (Tensor Output, Tensor OfInput, Tensor OfWeight, Tensor OfBias, Tensor Mean, Tensor Variance, long Batches) Run(Tensor rows, Tensor weights, Func<BatchNorm2d, Tensor, Tensor> normalize)
        {
            var norm = (BatchNorm2d)BatchNorm.Create(Channels).to(ScalarType.Float64);
            norm.num_batches_tracked = tensor(0L, ScalarType.Int64, CPU);
            using (no_grad())
            {
                norm.weight!.copy_(arange(1, Channels + 1, ScalarType.Float64, CPU));
            }

            var leaf = (channelsLast ? rows.ToChannelsLast() : rows.clone()).detach().requires_grad_();
            var output = normalize(norm, leaf);
            output.mul(weights).sum().backward();
            return (output.detach(), leaf.grad!, norm.weight!.grad!, norm.bias!.grad!, norm.running_mean!, norm.running_var!, norm.num_batches_tracked.item<long>());
        }
    }

    [Fact]
    public void Normalize_InEvaluationMode_ExchangesNothing()
    {
        using var scope = NewDisposeScope();
        var alone = ThreadRanks.Alone();
        using var ranks = new RankScope(alone);
        var norm = BatchNorm.Create(3);
        norm.eval();

        norm.Normalize(ones(2, 3, 4, 4, device: CPU));

        Assert.Equal(0, alone.Exchanges);
    }

    /// <summary>Every BatchNorm of every network goes by the ranks' statistics: one that did not would leave its gradients' sums out.</summary>
    [Theory]
    [InlineData(BackboneKind.Compact)]
    [InlineData(BackboneKind.ResNet)]
    [InlineData(BackboneKind.ResNet18)]
    [InlineData(BackboneKind.Xception)]
    [InlineData(BackboneKind.Drn)]
    [InlineData(BackboneKind.MobileNet)]
    public void Segmenters_NormalizeByTheRanksStatistics(BackboneKind backbone)
    {
        using var network = new DeepLabV3Plus(2, new SegmenterArchitecture { Backbone = backbone, Width = 1.0 / 16 }, 1);
        AssertAllExchange(network, images => network.forward(images));
    }

    [Theory]
    [InlineData(ClassifierEncoder.ResNet38)]
    [InlineData(ClassifierEncoder.ResNet18)]
    public void Classifiers_NormalizeByTheRanksStatistics(ClassifierEncoder encoder)
    {
        using var network = ClassifierNetwork.Create(encoder, 2, 1.0 / 32);
        AssertAllExchange(network, network.forward);
    }

    /// <summary>An exception in a backward pass would end the process.</summary>
    [Fact]
    public void Backward_ExchangeFails_IsThrownAfterwards_AndNoOtherRankIsMet()
    {
        using var scope = NewDisposeScope();
        var alone = ThreadRanks.Alone();
        var (first, second) = (BatchNorm.Create(3), BatchNorm.Create(3));
        var input = randn([2, 3, 4, 4], device: CPU).requires_grad_();
        Tensor loss;
        using (new RankScope(alone))
        {
            loss = second.Normalize(first.Normalize(input)).square().sum();
        }

        alone.BeforeExchange = () => throw new InvalidOperationException("The network is down.");
        BackwardFailure.OfThisThread.Forget();
        loss.backward();

        var error = Assert.Throws<InvalidOperationException>(BackwardFailure.OfThisThread.Throw);
        Assert.Equal("The network is down.", error.Message);
        Assert.Equal(3, alone.Exchanges);
        Assert.True(input.grad!.isnan().all().item<bool>());
    }

    /// <summary>As libtorch does with tensors on a GPU.</summary>
    [Fact]
    public void Backward_OnAnotherThread_ThrowsOnTheThreadThatRequestsIt_AndLeavesNothingThere()
    {
        using var scope = NewDisposeScope();
        var alone = ThreadRanks.Alone();
        var norm = BatchNorm.Create(3);
        var input = randn([2, 3, 4, 4], device: CPU).requires_grad_();
        Tensor Loss()
        {
            using var ranks = new RankScope(alone);
            return norm.Normalize(input).square().sum();
        }

        BackwardFailure.OfThisThread.Forget();
        var (failing, sound) = (Loss(), Loss());
        Exception? left = null;
        var device = new Thread(() =>
        {
            alone.BeforeExchange = () => throw new InvalidOperationException("The network is down.");
            failing.backward();
            alone.BeforeExchange = null;
            left = Record.Exception(BackwardFailure.OfThisThread.ThrowAgain);
        });
        device.Start();
        device.Join();

        Assert.Equal("The network is down.", Assert.Throws<InvalidOperationException>(BackwardFailure.OfThisThread.Throw).Message);
        Assert.Null(left);
        sound.backward();
        BackwardFailure.OfThisThread.Throw();
    }

    private static void AssertAllExchange(nn.Module network, Func<Tensor, Tensor> forward)
    {
        using var scope = NewDisposeScope();
        network.train();
        var norms = network.modules().OfType<BatchNorm2d>().Count();
        var alone = ThreadRanks.Alone();
        using (new RankScope(alone))
        {
            forward(randn([2, 3, 32, 32], device: CPU)).square().sum().backward();
        }

        Assert.Equal(2 * norms, alone.Exchanges);
    }

    private static void AssertClose(Tensor expected, Tensor actual) => Assert.True(expected.allclose(actual, 1e-9, 1e-9), $"{expected.sub(actual).abs().max().item<double>()}");
}
