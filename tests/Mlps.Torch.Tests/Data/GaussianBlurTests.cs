using Mlps.Torch.Data;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Data;

public sealed class GaussianBlurTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Apply_OnePoint_SpreadsByTheStandardDeviation()
    {
        var image = zeros(1, 3, 21, 21);
        image[0, 1, 10, 10] = 1;

        var blurred = GaussianBlur.Apply(image, 1.5)[0];

        var distance = arange(-10, 11).to(ScalarType.Float32);
        Assert.Equal(1, blurred[1].sum().ToDouble(), 4);
        Assert.Equal(0, blurred[0].sum().ToDouble() + blurred[2].sum().ToDouble(), 6);
        Assert.Equal(1.5 * 1.5, blurred[1].sum(dim: 0).mul(distance.square()).sum().ToDouble(), 0.1);
        Assert.Equal(1.5 * 1.5, blurred[1].sum(dim: 1).mul(distance.square()).sum().ToDouble(), 0.1);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(1)]
    [InlineData(3)]
    public void Apply_ConstantImage_StaysConstantUpToTheEdge(double radius) =>
        Assert.True(GaussianBlur.Apply(full([1, 3, 5, 4], 0.5f), radius).allclose(full([1, 3, 5, 4], 0.5f)));

    [Fact]
    public void Apply_RadiusZero_ChangesNothing()
    {
        var image = rand(1, 3, 5, 4);

        Assert.True(GaussianBlur.Apply(image, 0).eq(image).all().ToBoolean());
    }

    [Fact]
    public void Together_RadiiOfAllSizes_EqualsImageByImage()
    {
        var images = rand([6, 3, 9, 7]);
        double[] radii = [0, 0.2, 1.4, 5, 0, 0.9];

        var together = GaussianBlur.Together(images, radii);

        for (var n = 0; n < radii.Length; n++)
        {
            var expected = GaussianBlur.Apply(images[n].unsqueeze(0), radii[n])[0];
            Assert.True(together[n].allclose(expected, 1e-5, 1e-6));
            Assert.Equal(radii[n] == 0, together[n].eq(images[n]).all().ToBoolean());
        }

        Assert.Equal(images, GaussianBlur.Together(images, new double[6]));
    }
}
