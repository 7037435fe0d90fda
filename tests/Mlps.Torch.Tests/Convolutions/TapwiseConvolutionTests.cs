using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

[Collection(GlobalGenerator.Name)]
public sealed class TapwiseConvolutionTests
{
    public TapwiseConvolutionTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(1, 14, 14, 12, false, true)]
    [InlineData(2, 14, 14, 8, true, true)]
    [InlineData(2, 7, 9, 6, false, true)]
    [InlineData(1, 5, 5, 1, true, false)]
    public void Convolution_AndItsGradients_AreLibtorchs(int count, int height, int width, int dilation, bool hasBias, bool inputLearns) =>
        ConvolutionGradients.AssertSame(TapwiseConvolution.Convolve, [count, 5, height, width], 4, dilation, hasBias, inputLearns);

    [Fact]
    public void Steps_LeaveNothingBehind() => ConvolutionGradients.AssertNothingStays(TapwiseConvolution.Convolve, [2, 3, 14, 14], 4, 12);

    [Theory]
    [InlineData(14, 12, 1, true, true)]
    [InlineData(14, 8, 1, true, true)]
    [InlineData(14, 6, 1, true, false)]
    [InlineData(14, 18, 1, true, false)]
    [InlineData(14, 12, 2, true, false)]
    [InlineData(14, 12, 1, false, false)]
    public void Pays_WhereTapsReachOverMoreThanTheImage(int side, int dilation, int stride, bool learns, bool expected)
    {
        using var convolution = Convolution.Create3x3(4, 6, stride, dilation);
        Initialization.Draw(convolution, seed: 1);
        using var input = rand(1, 4, side, side);
        convolution.weight.requires_grad_(learns);

        Assert.Equal(expected, ConvolutionChooser.Choose(ConvolutionShape.Read(convolution), input, convolution.weight) is ConvolutionAlgorithm.Tapwise);
    }
}
