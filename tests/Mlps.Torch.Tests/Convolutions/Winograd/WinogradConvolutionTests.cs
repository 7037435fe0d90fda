using Mlps.Torch.Convolutions;
using Mlps.Torch.Convolutions.Winograd;
using Mlps.Torch.Networks;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions.Winograd;

/// <summary>Winograd's convolution against libtorch's own.</summary>
[Collection(GlobalGenerator.Name)]
public sealed class WinogradConvolutionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(1, 8, 8, 1)]
    [InlineData(3, 7, 10, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(2, 3, 2, 1)]
    [InlineData(2, 28, 28, 2)]
    [InlineData(1, 9, 14, 2)]
    [InlineData(2, 28, 20, 4)]
    [InlineData(1, 5, 3, 4)]
    public void Forward_AnySizeAndDilation_IsTheConvolution(int count, int height, int width, int dilation)
    {
        manual_seed(3);
        var (weight, bias, input) = (randn(6, 5, 3, 3, ScalarType.Float64), randn(6, ScalarType.Float64), randn(count, 5, height, width, ScalarType.Float64));
        foreach (var added in (Tensor?[])[bias, null])
        {
            using var fast = new WinogradConvolution(weight, added, dilation);

            var expected = nn.functional.conv2d(input, weight, added, padding: [dilation, dilation], dilation: [dilation, dilation]);
            var actual = fast.Forward(input);

            Assert.Equal(expected.shape, actual.shape);
            Assert.True(actual.allclose(expected, 1e-10, 1e-12), $"{actual.sub(expected).abs().max().ToDouble()}");
        }
    }

    [Theory]
    [InlineData(2, 7, 10, 1)]
    [InlineData(1, 9, 14, 2)]
    [InlineData(2, 28, 20, 4)]
    public void Forward_OfAnInputThatLearns_HasTheConvolutionsGradient(int count, int height, int width, int dilation)
    {
        manual_seed(3);
        using var grad = enable_grad();
        var (weight, bias, input) = (randn(6, 5, 3, 3, ScalarType.Float64), randn(6, ScalarType.Float64), randn(count, 5, height, width, ScalarType.Float64).requires_grad_());
        foreach (var added in (Tensor?[])[bias, null])
        {
            using var fast = new WinogradConvolution(weight, added, dilation);
            var expected = nn.functional.conv2d(input, weight, added, padding: [dilation, dilation], dilation: [dilation, dilation]);
            var actual = fast.Forward(input);
            var direction = randn_like(expected);

            // Twice, as activation maps do for one class after another.
            var gradients = new[] { true, false }.Select(keeps => autograd.grad([actual], [input], [direction], retain_graph: keeps)[0]).ToArray();

            Assert.True(actual.allclose(expected, 1e-10, 1e-12));
            var wanted = autograd.grad([expected], [input], [direction])[0];
            Assert.All(gradients, gradient => Assert.True(gradient.allclose(wanted, 1e-10, 1e-12)));
        }
    }

    [Fact]
    public void Forward_SinglePrecision_DiffersByRounding()
    {
        manual_seed(4);
        var (weight, input) = (randn(256, 256, 3, 3).div(48), randn(2, 256, 28, 28));
        using var fast = new WinogradConvolution(weight, bias: null, dilation: 1);

        var exact = nn.functional.conv2d(input.to(ScalarType.Float64), weight.to(ScalarType.Float64), padding: [1L, 1]);
        var actual = fast.Forward(input);

        Assert.InRange(RelativeDistance.Between(exact, actual), 1e-9, 1e-6);
    }

    [Theory]
    [InlineData(256, 256, 3, 1, 1, true)]
    [InlineData(255, 256, 3, 1, 1, false)]
    [InlineData(256, 128, 3, 1, 1, false)]
    [InlineData(256, 256, 1, 1, 1, false)]
    [InlineData(256, 256, 3, 2, 1, false)]
    [InlineData(256, 256, 3, 1, 2, true)]
    public void Suits_OnlyWideThreeByThreeWithoutStride(int inputs, int outputs, int kernel, int stride, int dilation, bool expected)
    {
        using var convolution = nn.Conv2d(inputs, outputs, kernel, stride: stride, padding: dilation * (kernel / 2), dilation: dilation, bias: false);

        Assert.Equal(expected, ConvolutionChooser.SuitsWinograd(ConvolutionShape.Read(convolution), convolution.weight));
    }

    [Fact]
    public void Fold_WideBlock_GivesTheSameOutputAnotherWay()
    {
        manual_seed(5);
        using var block = nn.Sequential(new ResNet38Block("wide", 256, 256, 512, firstDilation: 1, dilation: 2));
        Initialization.Draw(block, seed: 5);
        block.to(ScalarType.Float64);
        block.eval();
        var input = randn(2, 256, 28, 28, ScalarType.Float64);
        var plain = block.forward(input);

        block.Fold();
        var before = TwoTissues.LiveTensors;
        var folded = block.forward(input);

        Assert.Equal(before + 1, TwoTissues.LiveTensors);
        Assert.False(folded.allclose(plain, 0, 0), "Nothing was done another way.");
        Assert.True(folded.allclose(plain, 1e-10, 1e-12));
        block.Unfold();
    }
}
