using Mlps.Torch.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Networks;

public sealed class ReachingTapsTests
{
    public ReachingTapsTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(6, 6, 6)]
    [InlineData(6, 5, 9)]
    [InlineData(6, 9, 5)]
    [InlineData(6, 14, 14)]
    [InlineData(18, 14, 14)]
    public void Convolution_AndItsGradients_AreThoseOfAllTaps(int dilation, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(1);
        var convolution = Convolution.Of3x3(5, 7, dilation: dilation);
        convolution.to(ScalarType.Float64);
        var input = randn([2, 5, height, width], dtype: ScalarType.Float64, requires_grad: true);

        var expected = convolution.forward(input);
        var actual = ReachingTaps.Convolve(convolution, input, convolution.weight, null);

        Assert.True(actual.allclose(expected, rtol: 1e-12, atol: 1e-12));
        var direction = randn_like(expected);
        var wanted = autograd.grad([expected], [input, convolution.weight], [direction]);
        var gradients = autograd.grad([actual], [input, convolution.weight], [direction]);
        Assert.True(gradients[0].allclose(wanted[0], rtol: 1e-12, atol: 1e-12));
        Assert.True(gradients[1].allclose(wanted[1], rtol: 1e-12, atol: 1e-12));
    }
}
