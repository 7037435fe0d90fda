using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

[Collection(GlobalGenerator.Name)]
public sealed class DirectConvolutionTests
{
    public DirectConvolutionTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(6, 6, 6)]
    [InlineData(6, 5, 9)]
    [InlineData(6, 9, 5)]
    [InlineData(6, 14, 14)]
    [InlineData(18, 14, 14)]
    public void Convolution_AndItsGradients_AreThoseOfAllTaps(int dilation, int height, int width) =>
        ConvolutionGradients.AssertSame(Convolve, [2, 5, height, width], 7, dilation, hasBias: true, inputLearns: true);

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
        RelativeDistance.AssertBelow(1e-5, expected, actual);
        RelativeDistance.AssertBelow(1e-5, wanted[0], gradients[0]);
        RelativeDistance.AssertBelow(1e-5, wanted[1], gradients[1]);
    }

    private static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long dilation) =>
        DirectConvolution.Convolve(new ConvolutionShape([1, 1], [dilation, dilation], [dilation, dilation], Groups: 1, [3, 3]), input, weight, bias);
}
