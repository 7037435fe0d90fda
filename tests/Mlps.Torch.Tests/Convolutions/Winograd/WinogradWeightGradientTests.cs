using System.Numerics;
using Mlps.Torch.Convolutions.Winograd;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions.Winograd;

public sealed class WinogradWeightGradientTests
{
    public WinogradWeightGradientTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 1)]
    [InlineData(7, 7)]
    [InlineData(5, 48)]
    public void OnePass_AnyNumberOfChannels_GivesTheSumsByTensors(int outputs, int more)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(1);
        var places = Enumerable.Range(0, WinogradTransforms.Places).Select(_ => randn(outputs, Vector<float>.Count + more)).ToArray();

        var actual = WinogradWeightGradient.Compute(places);
        var expected = WinogradTransforms.WeightGradient([.. places.Select(place => place.to(ScalarType.Float64))]);

        Assert.Equal(expected.shape, actual.shape);
        Assert.True(actual.to(ScalarType.Float64).allclose(expected, 1e-5, 1e-6));
    }
}
