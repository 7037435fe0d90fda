using System.Runtime.InteropServices;
using Mlps.Torch.Inference;
using Mlps.Torch.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

public sealed class DeviceMemoryTests
{
    [Fact]
    public void Forward_MemoryRunsOut_NamesImagesAndWhatToLower()
    {
        using var network = new PredictionNetwork<nn.Module<Tensor, Tensor>>(new Failing("CUDA out of memory. Tried to allocate 2.00 GiB."), () => nn.Identity(), CPU);
        using var images = zeros([20, 3, 96, 224]);

        var error = Assert.Throws<InsufficientMemoryException>(() => network.Forward(images, Precision.Full));

        Assert.StartsWith("cpu ran out of memory while predicting 20 images of 224x96 pixels. Predict fewer images at a time (ScoringBatchSize), such as 10", error.Message, StringComparison.Ordinal);
        Assert.IsType<ExternalException>(error.InnerException);
    }

    [Fact]
    public void Within_OneImage_SuggestsSmallerOnes()
    {
        using var image = zeros([1, 3, 8, 8]);

        var error = Assert.Throws<InsufficientMemoryException>(() => DeviceMemory.Within<int>(CPU, image, () => throw LibTorchFailure.With("CUDA out of memory.")));

        Assert.Contains("Predict smaller images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IsExhausted_TheProcessorsMemory()
    {
        var error = Assert.ThrowsAny<ExternalException>(() => empty([1L << 50], ScalarType.Byte, CPU));

        Assert.True(DeviceMemory.IsExhausted(error), error.Message);
    }

    [Fact]
    public void Forward_AnotherFailure_IsLeftAlone()
    {
        using var network = new PredictionNetwork<nn.Module<Tensor, Tensor>>(new Failing("CUDA error: misaligned address"), () => nn.Identity(), CPU);
        using var images = zeros([1, 3, 8, 8]);

        Assert.IsType<ExternalException>(Assert.ThrowsAny<ExternalException>(() => network.Forward(images, Precision.Full)));
    }

    private sealed class Failing(string message) : nn.Module<Tensor, Tensor>("failing")
    {
        public override Tensor forward(Tensor input) => throw LibTorchFailure.With(message);
    }
}
