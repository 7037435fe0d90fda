using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Convolutions;

/// <summary>Compares this library's convolutions and their gradients with libtorch's own in double precision.</summary>
internal static class ConvolutionGradients
{
    public delegate Tensor Way(Tensor input, Tensor weight, Tensor? bias, long dilation);

    /// <summary>Output and gradients of input, weights and bias of a 3x3 convolution that is padded by its dilation.</summary>
    public static void AssertSame(Way way, long[] shape, long outputs, long dilation, bool hasBias, bool inputLearns)
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(2);
        var input = randn(shape, dtype: ScalarType.Float64).requires_grad_(inputLearns);
        var weight = randn([outputs, shape[1], 3, 3], dtype: ScalarType.Float64).requires_grad_();
        var bias = hasBias ? randn(outputs, dtype: ScalarType.Float64).requires_grad_() : null;
        Tensor[] learning = [weight, .. inputLearns ? [input] : Array.Empty<Tensor>(), .. bias is null ? Array.Empty<Tensor>() : [bias]];

        var expected = nn.functional.conv2d(input, weight, bias, padding: [dilation, dilation], dilation: [dilation, dilation]);
        var actual = way(input, weight, bias, dilation);

        Assert.Equal(expected.shape, actual.shape);
        Assert.True(actual.allclose(expected, 1e-10, 1e-12), $"Outputs differ by {actual.sub(expected).abs().max().ToDouble()}.");
        var direction = randn_like(expected);
        var wanted = autograd.grad([expected], learning, [direction]);
        var gradients = autograd.grad([actual], learning, [direction]);
        Assert.All(wanted.Zip(gradients), pair =>
        {
            Assert.Equal(pair.First.shape, pair.Second.shape);
            Assert.True(pair.Second.allclose(pair.First, 1e-10, 1e-11), $"Gradients differ by {pair.Second.sub(pair.First).abs().max().ToDouble()}.");
        });
    }

    /// <summary>Steps, and graphs that are dropped before they are used, leave no tensor behind.</summary>
    public static void AssertNothingStays(Way way, long[] shape, long outputs, long dilation)
    {
        using var input = randn(shape).requires_grad_();
        using var weight = randn([outputs, shape[1], 3, 3]).requires_grad_();
        var before = 0L;
        for (var step = 0; step < 12; step++)
        {
            using (var scope = NewDisposeScope())
            {
                var output = way(input, weight, null, dilation);
                if (step % 3 != 0)
                {
                    autograd.grad([output], [input, weight], [output.detach()]);
                }
            }

            before = step == 1 ? Training.TwoTissues.LiveTensors : before;
        }

        Assert.Equal(before, Training.TwoTissues.LiveTensors);
    }
}
