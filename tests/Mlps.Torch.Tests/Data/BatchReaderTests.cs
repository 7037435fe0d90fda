using Mlps.Torch.Data;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Data;

public sealed class BatchReaderTests : IDisposable
{
    private static readonly AugmentationOptions Turns = new() { HorizontalFlip = true, VerticalFlip = true, QuarterTurns = true };
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Read_WithoutVariation_GivesThePatchesAsTheyAre()
    {
        using var store = TwoTissues.Store(5, maskCount: 2);
        using var batch = new BatchReader(store, AugmentationOptions.None, seed: 1, CPU).Read([3, 0], epoch: 0);

        Assert.Equal([2, 3, 16, 16], batch.Images.shape);
        Assert.Equal(store.Image(3).ToArray().Select(value => value / 255f), batch.Images[0].flatten().data<float>().ToArray());
        Assert.Equal(store.Label(0).ToArray().Select(value => (float)value), batch.Labels[1].data<float>().ToArray());
        Assert.Equal(store.Mask(0, 1).ToArray().Select(value => (long)value), batch.Masks[1, 1].flatten().data<long>().ToArray());
    }

    [Fact]
    public void Read_FlipsAndTurns_MoveImageAndMasksTogether()
    {
        // Every plane and mask holds the same numbers, so that they must stay equal; 64 patches see all eight ways.
        using var store = new PatchStore(new PatchLayout(4, 4, 1, 2));
        for (var n = 0; n < 64; n++)
        {
            store.Add();
            for (var pixel = 0; pixel < 16; pixel++)
            {
                store.Mask(n, 0)[pixel] = store.Mask(n, 1)[pixel] = (byte)pixel;
                store.Image(n)[pixel] = store.Image(n)[16 + pixel] = store.Image(n)[32 + pixel] = (byte)pixel;
            }
        }

        using var batch = new BatchReader(store, Turns, seed: 1, CPU).Read([.. Enumerable.Range(0, 64)], epoch: 0);

        var planes = batch.Images.mul(255).round().to(ScalarType.Int64);
        Assert.True(planes.eq(batch.Masks.narrow(1, 0, 1)).all().ToBoolean());
        Assert.True(planes.eq(batch.Masks.narrow(1, 1, 1)).all().ToBoolean());
        Assert.Equal(8, Enumerable.Range(0, 64).Select(n => string.Join(' ', batch.Masks[n, 0].flatten().data<long>().ToArray())).Distinct().Count());
    }

    [Fact]
    public void Read_APatchesVariation_DoesNotDependOnItsBatch()
    {
        using var store = TwoTissues.Store(8);
        var reader = new BatchReader(store, Turns with { StainJitter = 0.5, BlurProbability = 0.5 }, seed: 1, CPU);

        using var all = reader.Read([0, 1, 2, 3, 4, 5, 6, 7], epoch: 2);
        using var two = reader.Read([5, 3], epoch: 2);
        using var later = reader.Read([5, 3], epoch: 3);

        Assert.True(two.Images.allclose(all.Images.index_select(0, tensor(new long[] { 5, 3 })), 1e-5, 1e-6));
        Assert.False(two.Images.allclose(later.Images, 1e-5, 1e-6));
    }

    [Fact]
    public void Read_NotSquare_IsNeverTurned()
    {
        using var store = new PatchStore(new PatchLayout(4, 8, 1, 0));
        for (var n = 0; n < 16; n++)
        {
            store.Add();
            store.Image(n)[..8].Fill(255);
        }

        using var batch = new BatchReader(store, Turns, seed: 1, CPU).Read([.. Enumerable.Range(0, 16)], epoch: 0);

        // The white row stays a row.
        Assert.All(Enumerable.Range(0, 16), n => Assert.Equal(1, batch.Images[n, 0].min(1).values.sum().ToDouble(), 5));
    }

    [Fact]
    public void Read_BlurAndStain_AreDrawnIndependently()
    {
        // A vertical edge shows the blur, the mean density the stain's strength.
        using var store = new PatchStore(new PatchLayout(16, 16, 1, 0));
        for (var n = 0; n < 200; n++)
        {
            store.Add();
            for (var i = 0; i < store.Layout.ImageBytes; i++)
            {
                store.Image(n)[i] = (byte)(i % 16 < 8 ? 100 : 200);
            }
        }

        var options = new AugmentationOptions { HorizontalFlip = false, StainJitter = 0.5, BlurProbability = 0.5 };
        using var batch = new BatchReader(store, options, seed: 1, CPU).Read([.. Enumerable.Range(0, 200)], epoch: 0);
        var density = batch.Images.log().neg().mean([1, 2, 3]).data<float>().ToArray();
        var edge = batch.Images.select(3, 7).sub(batch.Images.select(3, 0)).abs().amax([1, 2]).data<float>().ToArray();

        // Were the draws the same, every lightened image would be blurred and every darkened one sharp.
        var median = density.Order().ElementAt(100);
        var dark = edge.Where((_, n) => density[n] > median).Average(difference => difference < 1e-3 ? 1.0 : 0);
        var light = edge.Where((_, n) => density[n] <= median).Average(difference => difference < 1e-3 ? 1.0 : 0);
        Assert.InRange(dark, 0.4, 0.8);
        Assert.InRange(dark - light, -0.25, 0.25);
    }

    [Fact]
    public void Read_ManyTimes_LeavesNoTensorsBehind()
    {
        using var store = TwoTissues.Store(8);
        var reader = new BatchReader(store, Turns with { StainJitter = 0.5, BlurProbability = 1 }, seed: 1, CPU);
        reader.Read([0, 1, 2], 0).Dispose();
        var before = TwoTissues.LiveTensors;

        for (var epoch = 0; epoch < 5; epoch++)
        {
            reader.Read([0, 1, 2], epoch).Dispose();
        }

        Assert.Equal(before, TwoTissues.LiveTensors);
    }
}
