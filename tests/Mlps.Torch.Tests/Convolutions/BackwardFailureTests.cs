using System.Runtime.InteropServices;
using Mlps.Torch.Convolutions;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;
using Mlps.Torch.Tests.Training;
using Mlps.Torch.Training;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

[Collection(GlobalGenerator.Name)]
public sealed class BackwardFailureTests
{
    public BackwardFailureTests() => Mlps.Torch.Runtime.LibTorch.EnsureLoaded();

    [Fact]
    public void Step_WhoseGradientsCannotBeComputed_ThrowsTheReasonAndChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var convolution = Convolution.Create3x3(2, 3);
        Initialization.Draw(convolution, seed: 1);
        var before = convolution.weight.detach().clone();
        using var optimizer = new NetworkOptimizer(new OptimizerOptions(), 1, 10, [(convolution.parameters(), 1, true)]);
        var output = Failing.Convolve(rand(1, 2, 5, 5), convolution.weight, null, 1);

        var exception = Assert.Throws<InsufficientMemoryException>(() => optimizer.Step(output.sum(), 0));

        Assert.Equal("Nothing is left.", exception.Message);
        Assert.True(convolution.weight.equal(before).all().item<bool>());
        optimizer.Step(convolution.forward(rand(1, 2, 5, 5)).sum(), 0);
        Assert.False(convolution.weight.equal(before).all().item<bool>());
    }

    [Fact]
    public void GradientsThatCannotBeComputed_AreNotANumber()
    {
        using var scope = NewDisposeScope();
        var (input, weight, bias) = (rand(1, 2, 5, 5).requires_grad_(), rand(3, 2, 3, 3).requires_grad_(), rand(3).requires_grad_());

        var gradients = autograd.grad([Failing.Convolve(input, weight, bias, 1).sum()], [input, weight, bias]);

        Assert.All(gradients, gradient => Assert.True(gradient.isnan().all().item<bool>()));
        Assert.Throws<InsufficientMemoryException>(BackwardFailure.OfThisThread.Throw);
        BackwardFailure.OfThisThread.Throw();
    }

    [Fact]
    public void ActivationMaps_WhoseGradientsCannotBeComputed_ThrowTheReason()
    {
        using var scope = NewDisposeScope();
        var (input, weight) = (rand(1, 2, 5, 5).requires_grad_(), rand(3, 2, 3, 3));

        var exception = Assert.Throws<InsufficientMemoryException>(() => GradCam.Gradients(Failing.Convolve(input, weight, null, 1).sum(), [input], keepGraph: false));

        Assert.Equal("Nothing is left.", exception.Message);
    }

    [Fact]
    public void ActivationMaps_AfterABackwardPassOfTheHostsThatFailed_AreComputed()
    {
        using var scope = NewDisposeScope();
        using var network = new ResNet38(2, 0.0625);
        network.eval();
        BackwardFailure.OfThisThread.Keep(new InsufficientMemoryException("Nothing is left."));

        var (maps, _) = GradCam.Compute(network, rand(1, 3, 32, 32), [ActivationLayer.B4Block5]);

        Assert.True(maps.isfinite().all().item<bool>());
    }

    [Fact]
    public void ActivationMaps_ThatLibtorchRefuses_ThrowAndDoNotEndTheProcess()
    {
        using var scope = NewDisposeScope();
        var activation = rand(1, 2, 5, 5).requires_grad_();
        var value = activation.square().sum();
        GradCam.Gradients(value, [activation], keepGraph: false);

        var exception = Assert.ThrowsAny<ExternalException>(() => GradCam.Gradients(value, [activation], keepGraph: false));

        Assert.Contains("second time", exception.Message, StringComparison.Ordinal);
    }

    private sealed class Failing : ConvolutionFunction<Failing>
    {
        protected override Tensor Output(Tensor input, Tensor weight, Tensor? bias, long dilation) => nn.functional.conv2d(input, weight, bias, padding: [dilation, dilation]);

        protected override (Tensor? Input, Tensor? Weight) Gradients(Tensor input, Tensor weight, Tensor gradient, long dilation, bool inputLearns) =>
            throw new InsufficientMemoryException("Nothing is left.");
    }
}
