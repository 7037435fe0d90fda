using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

[Collection(GlobalGenerator.Name)]
public sealed class SeededDropoutTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly DropoutSource _source = new(seed: 3);

    public void Dispose()
    {
        _source.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forward_FromASource_DropsWhatTorchSharpDropsFromAGeneratorOfThatSeed(bool channels)
    {
        using var dropout = channels ? SeededDropout.OfChannels(0.3) : SeededDropout.OfElements(0.3);
        dropout.train();
        var images = ones(2, 16, 8, 8);
        _source.StartStep(7);
        dropout.Source = _source;
        var actual = dropout.forward(images);

        _source.StartStep(7);
        manual_seed(Seed(7));
        dropout.Source = null;

        Assert.True(actual.equal(dropout.forward(images)).all().item<bool>());
        Assert.InRange(actual.eq(0).to(ScalarType.Float32).mean().ToDouble(), 0.1, 0.5);
    }

    [Fact]
    public void Forward_InEvaluation_ChangesNothing()
    {
        using var dropout = SeededDropout.OfElements(0.5);
        dropout.Source = _source;
        dropout.eval();
        var images = rand(2, 3, 4, 4);

        Assert.True(dropout.forward(images).equal(images).all().item<bool>());
    }

    [Fact]
    public void Forward_GivesTheGradientOfWhatIsKept()
    {
        using var dropout = SeededDropout.OfElements(0.5);
        dropout.train();
        dropout.Source = _source;
        _source.StartStep(0);
        var images = ones(1, 2, 8, 8).requires_grad_();

        var kept = dropout.forward(images);
        kept.sum().backward();

        Assert.True(images.grad!.equal(kept).all().item<bool>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KeepOnly_DropsScalesAndGivesTheGradient(bool channels)
    {
        using var dropout = channels ? SeededDropout.OfChannels(0.2) : SeededDropout.OfElements(0.2);
        _source.StartStep(0);
        var images = ones(2, 16, 4, 4).requires_grad_();
        var mask = _source.Hashed(channels ? images[.., .., ..1, ..1] : images, 0.8);

        var kept = dropout.KeepOnly(images, mask);
        kept.sum().backward();

        var expected = mask.to(ScalarType.Float32).mul(1.25).expand(2, 16, 4, 4);
        Assert.InRange(mask.to(ScalarType.Float32).mean().ToDouble(), 0.5, 0.99);
        Assert.True(kept.allclose(expected));
        Assert.True(images.grad!.allclose(expected));
    }

    [Fact]
    public void Hashed_GivesTheShareOfOnes_WithoutPatterns()
    {
        const int Count = 1 << 20;
        _source.StartStep(0);
        var first = Hashed();
        var second = Hashed();
        _source.StartStep(1);
        var later = Hashed();
        _source.StartStep(0);
        var again = Hashed();

        Assert.True(first.equal(again).all().item<bool>());
        foreach (var noise in (Tensor[])[first, second, later])
        {
            Assert.Equal(0.7, noise.mean().ToDouble(), 0.003);
            Assert.All((long[])[1, 2, 8, 56, 256, 3136, Count / 2], distance => Assert.InRange(Correlation(noise[..(int)(Count - distance)], noise[(int)distance..]), -0.005, 0.005));
        }

        Assert.InRange(Correlation(first, second), -0.005, 0.005);
        Assert.InRange(Correlation(first, later), -0.005, 0.005);

        Tensor Hashed() => _source.Hashed(empty([1, Count], ScalarType.Float32, CPU), 0.7).to(ScalarType.Float32).flatten();

        static double Correlation(Tensor a, Tensor b) => a.sub(0.7).mul(b.sub(0.7)).mean().ToDouble() / (0.7 * 0.3);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Hashed_RowsOfAnOddNumberOfElements_EachHaveTheirOwnNumbers(double probability)
    {
        _source.StartStep(0);
        var kept = _source.Hashed(empty([512, 3, 5, 7], ScalarType.Float32, CPU), probability).to(ScalarType.Float32);

        Assert.Equal([512, 3, 5, 7], kept.shape);
        Assert.Equal(probability, kept.mean().ToDouble(), 0.01);
        Assert.All(Enumerable.Range(0, 105), place => Assert.Equal(probability, kept.flatten(1).select(1, place).mean().ToDouble(), 0.12));
        Assert.Equal(512, kept.flatten(1).unique(dim: 0).output.shape[0]);
    }

    [Fact]
    public void Hashed_LiesAsTheTensorDoes()
    {
        var planes = empty([2, 3, 4, 7], ScalarType.Float32, CPU);
        _source.StartStep(0);
        var ofPlanes = _source.Hashed(planes, 0.5);
        _source.StartStep(0);
        var ofPixels = _source.Hashed(planes.ToChannelsLast(), 0.5);

        Assert.True(ofPlanes.is_contiguous());
        Assert.True(ChannelsLast.Lies(ofPixels));
        Assert.True(ofPlanes.flatten().equal(ofPixels.permute(0, 2, 3, 1).flatten()).all().item<bool>());
    }

    /// <summary>The seed of a step's generator, as trainings have had it from the first.</summary>
    private static long Seed(long step) => (long)(new Mlps.Torch.Data.RandomStream(3, step, -2).NextDouble() * int.MaxValue);
}
