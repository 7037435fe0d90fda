using Mlps.Torch.Convolutions;
using Mlps.Torch.Convolutions.Winograd;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions.Winograd;

[Collection(GlobalGenerator.Name)]
public sealed class WinogradFunctionTests
{
    public WinogradFunctionTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(2, 8, 10, 1, true, true)]
    [InlineData(1, 7, 9, 1, false, true)]
    [InlineData(3, 1, 2, 1, true, true)]
    [InlineData(2, 14, 14, 2, false, false)]
    [InlineData(1, 9, 5, 4, true, true)]
    public void Convolution_AndItsGradients_AreLibtorchs(int count, int height, int width, int dilation, bool hasBias, bool inputLearns) =>
        ConvolutionGradients.AssertSame(WinogradFunction.Convolve, [count, 5, height, width], 4, dilation, hasBias, inputLearns);

    [Fact]
    public void Gradients_SinglePrecision_DifferByRounding()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var (input, weight) = (randn(4, 256, 28, 28).requires_grad_(), randn(256, 256, 3, 3).div(48).requires_grad_());
        var (exactInput, exactWeight) = (input.detach().to(ScalarType.Float64).requires_grad_(), weight.detach().to(ScalarType.Float64).requires_grad_());
        var expected = nn.functional.conv2d(exactInput, exactWeight, padding: [1L, 1]);
        var direction = randn_like(expected);

        var actual = autograd.grad([WinogradFunction.Convolve(input, weight, null, 1)], [input, weight], [direction.to(ScalarType.Float32)]);
        var exact = autograd.grad([expected], [exactInput, exactWeight], [direction]);

        Assert.All(exact.Zip(actual), pair => Assert.InRange(RelativeDistance.Between(pair.First, pair.Second), 1e-9, 1e-6));
    }

    [Fact]
    public void Steps_LeaveNothingBehind() => ConvolutionGradients.AssertNothingStays(WinogradFunction.Convolve, [2, 3, 8, 8], 4, 1);

    [Theory]
    [InlineData(512, 28, true, true)]
    [InlineData(512, 14, true, false)]
    [InlineData(256, 28, true, false)]
    [InlineData(256, 56, true, true)]
    [InlineData(512, 29, true, false)]
    [InlineData(512, 28, false, false)]
    public void Pays_ForWideLayersOfManyPixels(int channels, int side, bool learns, bool expected)
    {
        using var convolution = Convolution.Create3x3(channels, channels);
        Initialization.Draw(convolution, seed: 1);
        using var input = empty(4, channels, side, side);
        convolution.weight.requires_grad_(learns);

        Assert.Equal(expected, ConvolutionChooser.Choose(ConvolutionShape.Read(convolution), input, convolution.weight) is ConvolutionAlgorithm.LearningWinograd);
    }

    [Fact]
    public void Block_ThatLearns_CanBeChangedInPlaceBehindIt()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var block = new ResNet38Block("wide", 512, 512, 512);
        Initialization.Draw(block, seed: 5);
        block.train();
        var input = randn(4, 512, 28, 28).requires_grad_();
        var first = block.modules().OfType<TorchSharp.Modules.Conv2d>().First();
        Assert.Equal(ConvolutionAlgorithm.LearningWinograd, ConvolutionChooser.Choose(ConvolutionShape.Read(first), input, first.weight));

        var gradients = autograd.grad([block.forward(input).sum()], [input, .. block.parameters()]);
        block.to(ScalarType.Float64);
        var exactInput = input.detach().to(ScalarType.Float64).requires_grad_();
        var exact = autograd.grad([block.forward(exactInput).sum()], [exactInput, .. block.parameters()]);

        Assert.All(exact.Zip(gradients), pair => RelativeDistance.AssertBelow(2e-3, pair.First, pair.Second));
    }
}
