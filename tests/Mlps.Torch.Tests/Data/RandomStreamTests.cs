using Mlps.Torch.Data;
using Xunit;

namespace Mlps.Torch.Tests.Data;

public sealed class RandomStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Permutation_HoldsEveryNumberOnce(int count) =>
        Assert.Equal(Enumerable.Range(0, count), new RandomStream(1).Permutation(count).Order());

    [Fact]
    public void Permutation_DependsOnSeedAndPurposeAlone()
    {
        var permutation = new RandomStream(1, 2, 3).Permutation(50);

        Assert.Equal(permutation, new RandomStream(1, 2, 3).Permutation(50));
        Assert.NotEqual(permutation, new RandomStream(2, 2, 3).Permutation(50));
        Assert.NotEqual(permutation, new RandomStream(1, 3, 3).Permutation(50));
        Assert.NotEqual(permutation, new RandomStream(1, 2, 4).Permutation(50));
        Assert.NotEqual(permutation, new RandomStream(1, 3, 2).Permutation(50));
    }

    [Fact]
    public void Permutation_OfThree_GivesAllSixAboutEquallyOften()
    {
        var counts = Enumerable.Range(0, 6000).Select(seed => string.Join(' ', new RandomStream(seed).Permutation(3))).CountBy(order => order).ToArray();

        Assert.Equal(6, counts.Length);
        Assert.All(counts, entry => Assert.InRange(entry.Value, 850, 1150));
    }

    [Fact]
    public void Next_ManyNumbers_FillTheirRangeEvenly()
    {
        var random = new RandomStream(4);
        var numbers = Enumerable.Range(0, 20_000).Select(_ => random.Next(-2, 3)).ToArray();

        Assert.All(numbers, number => Assert.InRange(number, -2, 3));
        Assert.Equal(0.5, numbers.Average(), 0.05);
        Assert.Equal(25 / 12.0, numbers.Select(number => (number - 0.5) * (number - 0.5)).Average(), 0.06);
    }

    [Fact]
    public void Branch_LeavesTheStreamAloneAndDiffersByPurpose()
    {
        var random = new RandomStream(4);
        var same = new RandomStream(4);

        var (first, again, second) = (random.Branch(1), random.Branch(1), random.Branch(2));

        var number = first.NextDouble();
        Assert.Equal(number, again.NextDouble());
        Assert.NotEqual(number, second.NextDouble());
        Assert.Equal(same.NextDouble(), random.NextDouble());
    }
}
