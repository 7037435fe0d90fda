using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

public sealed class DirectConvolutionTests
{
    public DirectConvolutionTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

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
        var convolution = Convolution.Create3x3(5, 7, dilation: dilation);
        Initialization.Draw(convolution, seed: 1);
        convolution.to(ScalarType.Float64);
        var input = randn([2, 5, height, width], dtype: ScalarType.Float64, requires_grad: true);

        var expected = convolution.forward(input);
        var actual = DirectConvolution.Convolve(ConvolutionShape.Read(convolution), input, convolution.weight, null);

        Assert.True(actual.allclose(expected, rtol: 1e-12, atol: 1e-12));
        var direction = randn_like(expected);
        var wanted = autograd.grad([expected], [input, convolution.weight], [direction]);
        var gradients = autograd.grad([actual], [input, convolution.weight], [direction]);
        Assert.True(gradients[0].allclose(wanted[0], rtol: 1e-12, atol: 1e-12));
        Assert.True(gradients[1].allclose(wanted[1], rtol: 1e-12, atol: 1e-12));
    }

    /// <summary>With channels last, oneDNN's own kernel writes beyond its memory here, or never ends.</summary>
    [Theory]
    [InlineData(3, 8, 2, 32)]
    [InlineData(4, 8, 2, 64)]
    [InlineData(8, 16, 2, 64)]
    [InlineData(15, 17, 2, 16)]
    [InlineData(16, 24, 2, 16)]
    [InlineData(5, 7, 3, 18)]
    [InlineData(5, 7, 2, 17)]
    public void StridedPointwiseConvolution_WithChannelsLast_HasTheGradientsOfDoublePrecision(int channels, int features, int stride, int side)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(1);
        var convolution = Convolution.Create1x1(channels, features, stride);
        Initialization.Draw(convolution, seed: 1);
        var planes = randn([8, channels, side, side]);
        var input = planes.ToChannelsLast().requires_grad_();

        var actual = DirectConvolution.Convolve(ConvolutionShape.Read(convolution), input, convolution.weight, null);
        var direction = randn_like(actual);
        var gradients = autograd.grad([actual], [input, convolution.weight], [direction]);

        var exactInput = planes.to(ScalarType.Float64).requires_grad_();
        var exactWeight = convolution.weight.detach().to(ScalarType.Float64).requires_grad_();
        var expected = nn.functional.conv2d(exactInput, exactWeight, strides: [stride, stride]);
        var wanted = autograd.grad([expected], [exactInput, exactWeight], [direction.to(ScalarType.Float64)]);
        AssertClose(expected, actual);
        AssertClose(wanted[0], gradients[0]);
        AssertClose(wanted[1], gradients[1]);
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        var distance = actual.to(ScalarType.Float64).sub(expected).norm().ToDouble() / expected.norm().ToDouble();
        Assert.True(distance < 1e-5, $"The relative distance is {distance:g3}.");
    }
}
