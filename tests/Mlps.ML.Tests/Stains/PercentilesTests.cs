using Xunit;

namespace Mlps.ML.Tests.Stains;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(101)]
    [InlineData(20_000)]
    public void Of_RandomValues_AreThoseOfSorting(int count)
    {
        var random = new Random(count);
        float[] values = [.. Enumerable.Range(0, count).Select(_ => (float)Math.Tan(random.NextDouble() * 3))];
        float[] sorted = [.. values.Order()];

        foreach (var percent in (double[])[0, 1, 50, 98.7, 99, 100])
        {
            var position = percent / 100 * (count - 1);
            var lower = (int)position;
            var expected = sorted[lower] + ((position - lower) * ((double)sorted[Math.Min(lower + 1, count - 1)] - sorted[lower]));
            Assert.Equal(expected, Percentiles.Compute(values, percent), 1e-9 * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Fact]
    public void Of_EqualValues_IsThatValue() => Assert.Equal(3, Percentiles.Compute(Enumerable.Repeat(3f, 1000).ToArray(), 99));

    [Fact]
    public void Of_FewValuesManyTimes_IsOneOfThem() => Assert.Equal(2, Percentiles.Compute(Enumerable.Range(0, 9000).Select(i => (float)(i % 3)).ToArray(), 99));
}
