using Mlps.Torch.Data;
using Mlps.Torch.Tests.Ranks;
using Mlps.Torch.Validation;
using Xunit;

namespace Mlps.Torch.Tests.Validation;

/// <summary>How many validation images a network sees at once.</summary>
public sealed class StoreBatchesTests
{
    [Theory]
    [InlineData(96, new[] { 32, 8 })]
    [InlineData(224, new[] { 20, 20 })]
    [InlineData(512, new[] { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 })]
    public void Split_LargeImages_AreFewerAtATime(int side, int[] counts)
    {
        using var store = new PatchStore(new PatchLayout(side, side, ClassCount: 2, MaskCount: 0));
        for (var i = 0; i < 40; i++)
        {
            store.Add();
        }

        var batches = StoreBatches.Split(store, 32).ToArray();

        Assert.Equal(counts, batches.Select(batch => batch.Count));
        Assert.Equal(counts.Select((_, index) => counts.Take(index).Sum()), batches.Select(batch => batch.First));
    }

    [Fact]
    public void Split_ImagesLargerThanAnyBatch_AreOneAtATime()
    {
        using var store = new PatchStore(new PatchLayout(1100, 1000, ClassCount: 2, MaskCount: 0));
        store.Add();
        store.Add();

        Assert.Equal([(0, 1), (1, 1)], StoreBatches.Split(store, 8));
    }
}
