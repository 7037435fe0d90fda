using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Torch.Tests.Training;

public sealed class EpochPlanTests
{
    [Theory]
    [InlineData(10, 4, false, 2)]
    [InlineData(10, 4, true, 3)]
    [InlineData(8, 4, false, 2)]
    [InlineData(8, 4, true, 2)]
    [InlineData(3, 4, false, 1)]
    [InlineData(3, 4, true, 1)]
    public void StepsPerEpoch_IsTheNumberOfBatches(int patches, int batch, bool keepShort, int expected)
    {
        var plan = new EpochPlan(patches, batch, keepShort, Seed: 1);

        Assert.Equal(expected, plan.StepsPerEpoch);
        Assert.Equal(expected, plan.Batches(0).Count());
    }

    [Fact]
    public void Batches_OfAnEpoch_HoldEveryPatchAtMostOnce()
    {
        var kept = new EpochPlan(10, 4, KeepShortBatch: true, Seed: 1).Batches(0).ToArray();
        var dropped = new EpochPlan(10, 4, KeepShortBatch: false, Seed: 1).Batches(0).ToArray();

        Assert.Equal(Enumerable.Range(0, 10), kept.SelectMany(batch => batch).Order());
        Assert.Equal([4, 4, 2], kept.Select(batch => batch.Length));
        Assert.Equal([4, 4], dropped.Select(batch => batch.Length));
        Assert.Equal(8, dropped.SelectMany(batch => batch).Distinct().Count());
    }

    [Fact]
    public void Batches_DependOnSeedAndEpochAlone()
    {
        var plan = new EpochPlan(50, 8, KeepShortBatch: false, Seed: 1);

        Assert.Equal(plan.Batches(3), (plan with { }).Batches(3));
        Assert.NotEqual(plan.Batches(3), plan.Batches(4));
        Assert.NotEqual(plan.Batches(3), (plan with { Seed = 2 }).Batches(3));
    }
}
