using Mlps.Testing;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Ranks;
using Mlps.Torch.Tests.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Ranks;

[Collection(GlobalGenerator.Name)]
public sealed class BatchShareTests
{
    [Theory]
    [InlineData(20, 2, 1, new[] { 0, 10, 20 })]
    [InlineData(7, 3, 1, new[] { 0, 2, 4, 7 })]
    [InlineData(16, 2, 4, new[] { 0, 8, 16 })]
    [InlineData(12, 2, 4, new[] { 0, 4, 12 })]
    [InlineData(6, 2, 4, new[] { 0, 3, 6 })]
    public void Of_Batch_SharesAllOfItInOrder(int whole, int count, int together, int[] bounds)
    {
        var shares = ThreadRanks.Run(count, ranks => BatchShare.Of(ranks, whole, together));

        Assert.Equal(bounds, shares.Select(share => share.First).Append(shares[^1].First + shares[^1].Count));
        Assert.Equal(Enumerable.Range(0, whole), shares.SelectMany(share => share.Of([.. Enumerable.Range(0, whole)])));
    }

    /// <summary>A rank drops the elements of its rows that are dropped where one rank has all rows.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dropout_RowsOfABatch_DropsWhatTheWholeBatchDrops(bool channelsLast)
    {
        using var scope = NewDisposeScope();
        var input = ones([6, 3, 4, 5], device: CPU);
        input = channelsLast ? input.ToChannelsLast() : input;
        var whole = Dropped(input, share: null);

        var parts = ThreadRanks.Run(2, ranks => BatchShare.Of(ranks, 6, 1) is var share ? Dropped(input.narrow(0, share.First, share.Count), share) : []);

        Assert.InRange(whole[0].eq(0).sum().item<long>(), 1, input.numel() - 1);
        Assert.All(Enumerable.Range(0, 4), drawing => Assert.True(whole[drawing].equal(cat([parts[0][drawing], parts[1][drawing]])).all().item<bool>(), $"Drawing {drawing}."));
    }

    [Fact]
    public void SumOver_Ranks_HasTheValueOfAllAndTheGradientOfItsOwn()
    {
        var results = ThreadRanks.Run(2, ranks =>
        {
            using var scope = NewDisposeScope();
            var own = tensor(new[] { 1f + ranks.Rank, 10f }, device: CPU).requires_grad_();
            var sum = ranks.SumOver(own);
            sum.square().sum().backward();
            return (Sum: sum.detach().data<float>().ToArray(), Gradient: own.grad!.data<float>().ToArray());
        });

        Assert.All(results, result => Assert.Equal<float>([3, 20], result.Sum));
        Assert.All(results, result => Assert.Equal<float>([6, 40], result.Gradient));
    }

    [Fact]
    public void Sum_TensorsOfEachType_InPlace()
    {
        var results = ThreadRanks.Run(3, ranks =>
        {
            using var scope = NewDisposeScope();
            Tensor[] tensors = [ones([2, 3], ScalarType.Float32, CPU), ones(2, ScalarType.Float64, CPU), ones([], ScalarType.Int64, CPU)];
            Array.ForEach(tensors, tensor => ranks.Sum(tensor));
            return tensors.Select(tensor => tensor.to(ScalarType.Float64).sum().item<double>()).ToArray();
        });

        Assert.All(results, result => Assert.Equal<double>([18, 6, 3], result));
        Assert.Throws<ArgumentException>(() => ThreadRanks.Alone().Sum(ones(2, ScalarType.Float16, CPU)));
    }

    private static Tensor[] Dropped(Tensor input, BatchShare? share)
    {
        using var source = new DropoutSource(7);
        source.StartStep(3, share);
        using var elements = SeededDropout.OfElements(0.5);
        using var channels = SeededDropout.OfChannels(0.5);
        (elements.Source, channels.Source) = (source, source);
        return [elements.forward(input), channels.forward(input), elements.forward(input), source.Hashed(input, 0.5)];
    }
}
