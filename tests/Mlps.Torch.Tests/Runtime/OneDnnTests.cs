using Mlps.Torch.Runtime;
using Mlps.Torch.Tests.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Convolutions on this very processor against the same in double precision, which oneDNN does not do.</summary>
[Collection(GlobalGenerator.Name)]
public class OneDnnTests
{
    private const int Batch = 2;

    [Theory]
    [InlineData(3, 2, 1)]
    [InlineData(3, 16, 2)]
    [InlineData(19, 2, 1)]
    [InlineData(19, 16, 2)]
    [InlineData(48, 16, 1)]
    [InlineData(48, 48, 2)]
    public void Convolution_OfThisProcessor_IsRight(int inputs, int outputs, int stride) => AssertRight(inputs, outputs, stride);

    [LinuxX64Fact]
    public void Convolution_WithoutOneDnn_IsRight()
    {
        Assert.True(OneDnn.IsEnabled, LibTorch.Diagnose());
        var before = OneDnn.IsEnabled;
        OneDnn.IsEnabled = false;
        try
        {
            Assert.False(OneDnn.IsEnabled);
            AssertRight(inputs: 19, outputs: 16, stride: 1);
        }
        finally
        {
            OneDnn.IsEnabled = before;
        }
    }

    [LinuxX64Fact]
    public void Diagnose_SaysWhatWasDone_WhereCachesAreHidden() =>
        Assert.Equal(ProcessorCaches.AreHidden, LibTorch.Diagnose().Contains("The processor hides its caches", StringComparison.Ordinal));

    private static void AssertRight(int inputs, int outputs, int stride)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        foreach (var (kernel, dilation, side) in (ReadOnlySpan<(int, int, int)>)[(3, 1, 8), (3, 1, 19), (3, 2, 19), (1, 1, 19), (7, 1, 19)])
        {
            var (images, weights) = (randn(Batch, inputs, side, side), randn(outputs, inputs, kernel, kernel));
            var expected = Convolve(ScalarType.Float64);
            foreach (var (exact, actual) in expected.Zip(Convolve(ScalarType.Float32)))
            {
                var distance = RelativeDistance.Between(exact, actual);
                Assert.True(distance < 1e-5, $"Kernel {kernel}, dilation {dilation}, {side} pixels: relative distance {distance}.");
            }

            // Output, gradient of the images, gradient of the weights.
            Tensor[] Convolve(ScalarType type)
            {
                var (x, w) = (images.to(type).detach().clone().requires_grad_(), weights.to(type).detach().clone().requires_grad_());
                var padding = dilation * (kernel / 2);
                var y = nn.functional.conv2d(x, w, null, [stride, stride], [padding, padding], [dilation, dilation]);
                return [y.detach(), .. autograd.grad([y], [x, w], [ones_like(y)])];
            }
        }
    }
}
