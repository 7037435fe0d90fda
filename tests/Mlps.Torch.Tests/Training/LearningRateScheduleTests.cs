using Mlps.Torch.Training;
using Xunit;

namespace Mlps.Torch.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void RateAt_Polynomial_FallsByThePower() =>
        AssertRates(new() { LearningRate = 2, DecayPower = 2 }, epochs: 2, stepsPerEpoch: 2, [2, 2 * 0.75 * 0.75, 2 * 0.5 * 0.5, 2 * 0.25 * 0.25]);

    [Fact]
    public void RateAt_Cosine_IsHalfAWave() =>
        AssertRates(new() { LearningRate = 2, Decay = LearningRateDecay.Cosine }, epochs: 2, stepsPerEpoch: 2, [2, 1 + Math.Sqrt(0.5), 1, 1 - Math.Sqrt(0.5)]);

    [Fact]
    public void RateAt_Step_FallsTenfoldEverySoManyEpochs() =>
        AssertRates(new() { LearningRate = 1, Decay = LearningRateDecay.Step, EpochsPerStep = 2 }, epochs: 5, stepsPerEpoch: 2, [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01]);

    [Fact]
    public void RateAt_WarmUp_RisesFromZeroAndMultipliesTheDecay() =>
        AssertRates(
            new() { LearningRate = 1, WarmUpEpochs = 1.5, Decay = LearningRateDecay.Step, EpochsPerStep = 1 },
            epochs: 3,
            stepsPerEpoch: 2,
            [0, 1.0 / 3, 0.1 * 2 / 3, 0.1, 0.01, 0.01]);

    [Fact]
    public void RateAt_WarmUpSteps_RisesFromAShareAndMultipliesTheDecay() =>
        AssertRates(new() { LearningRate = 2, DecayPower = 1, WarmUpSteps = 4 }, epochs: 2, stepsPerEpoch: 4, [2 * 0.25, 2 * 0.5 * 7 / 8, 2 * 0.75 * 6 / 8, 2 * 5.0 / 8, 1, 0.75, 0.5, 0.25]);

    private static void AssertRates(OptimizerOptions options, int epochs, int stepsPerEpoch, double[] expected)
    {
        var schedule = new LearningRateSchedule(options, epochs * stepsPerEpoch, stepsPerEpoch);

        Assert.Equal(expected.Select(rate => Math.Round(rate, 12)), Enumerable.Range(0, epochs * stepsPerEpoch).Select(step => Math.Round(schedule.RateAt(step), 12)));
    }
}
