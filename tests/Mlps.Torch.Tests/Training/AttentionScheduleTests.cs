using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Torch.Tests.Training;

public sealed class AttentionScheduleTests
{
    [Fact]
    public void ThresholdAt_Default_IsThePapersCourseAndWaitsUntilTheMapsSaySomething()
    {
        var schedule = new AttentionSchedule();

        double[] expected = [1, 1, 1, 0.985, 0.985 * 0.985, 0.985 * 0.985 * 0.985];
        Assert.Equal(expected, Enumerable.Range(0, 6).Select(schedule.ThresholdAt));
        Assert.Equal(3, schedule.FirstEpoch);
    }

    [Fact]
    public void ThresholdAt_Reference_IsFirstUsedAfterThreeDecays()
    {
        var schedule = AttentionSchedule.Reference;

        Assert.Equal(3, schedule.FirstEpoch);
        Assert.Equal(Math.Pow(0.98, 3), schedule.ThresholdAt(3), 12);
        Assert.Equal(0.6812, schedule.ThresholdAt(19), 4);
    }

    [Theory]
    [InlineData(0.98, 22)]
    [InlineData(0.985, 29)]
    public void ThresholdAt_ManyEpochs_StopsOnceAtOrBelowTheBound(double decay, int decays)
    {
        var schedule = new AttentionSchedule { Decay = decay, DecayFromEpoch = 0 };

        Assert.True(Math.Pow(decay, decays) <= 0.65 && Math.Pow(decay, decays - 1) > 0.65);
        Assert.Equal(Math.Pow(decay, decays), schedule.ThresholdAt(decays), 12);
        Assert.Equal(Math.Pow(decay, decays), schedule.ThresholdAt(1000), 12);
    }

    [Fact]
    public void ThresholdAt_NegativeEpoch_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionSchedule().ThresholdAt(-1));
}
