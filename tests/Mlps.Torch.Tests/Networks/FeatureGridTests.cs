using Mlps.Torch.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

/// <summary>Features that lie at fixed places of the image are enlarged so that they stay there.</summary>
public sealed class FeatureGridTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(6, 4, 24)]
    [InlineData(7, 4, 25)]
    [InlineData(12, 2, 23)]
    public void Enlarge_PlacesAsFeatures_GivesThePlaceOfEveryPixel(int features, int factor, int pixels)
    {
        var places = arange(features, ScalarType.Float64).mul(factor);
        var enlarged = FeatureGrid.Enlarge(places.view(1, 1, 1, features).expand(1, 1, 3, features), factor, 3 * factor, pixels);

        Assert.Equal([1, 1, 3 * factor, pixels], enlarged.shape);
        var expected = arange(pixels, ScalarType.Float64).clamp(0, (features - 1) * factor);
        Assert.True(enlarged.sub(expected).abs().max().ToDouble() < 1e-9);
    }

    /// <summary>A published encoder's borders are the image's.</summary>
    [Fact]
    public void Stretch_ReachesFromBorderToBorder()
    {
        var stretched = FeatureGrid.Stretch(arange(6, ScalarType.Float64).view(1, 1, 1, 6), 1, 24);

        Assert.Equal(0, stretched[0, 0, 0, 0].ToDouble());
        Assert.Equal(5, stretched[0, 0, 0, 23].ToDouble(), 1e-9);
    }
}
