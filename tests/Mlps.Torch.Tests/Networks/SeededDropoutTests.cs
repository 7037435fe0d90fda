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

    [Fact]
    public void FillHashed_GivesTheShareOfOnes_WithoutPatterns()
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
            Assert.All((long[])[1, 2, 8, 56, 256, 3136], distance => Assert.InRange(Correlation(noise[..(int)(Count - distance)], noise[(int)distance..]), -0.005, 0.005));
        }

        Assert.InRange(Correlation(first, second), -0.005, 0.005);
        Assert.InRange(Correlation(first, later), -0.005, 0.005);

        Tensor Hashed() => _source.FillHashed(empty(Count, ScalarType.Float32, CPU), 0.7);

        static double Correlation(Tensor a, Tensor b) => a.sub(0.7).mul(b.sub(0.7)).mean().ToDouble() / (0.7 * 0.3);
    }

    /// <summary>The seed of a step's generator, as trainings have had it from the first.</summary>
    private static long Seed(long step) => (long)(new Mlps.Torch.Data.RandomStream(3, step, -2).NextDouble() * int.MaxValue);
}
