using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions;

/// <summary>libtorch's convolution, without taps that meet only padding and without pixels that a stride skips.</summary>
/// <remarks>
/// The results are the same.
/// Taps: the outer ones of a 3x3 kernel whose dilation is at least the image's side. At an output stride of 16, that is the widest branch of atrous pooling over 224 px, and all three over 96 px: a ninth of
/// the products is left.
/// Pixels: for correctness. With channels last, oneDNN up to 3.14 computes the gradient of the weights of a strided 1x1 kernel with fewer than sixteen input channels wrongly, and writes beyond its memory:
/// https://github.com/uxlfoundation/oneDNN/issues/6035.
/// </remarks>
internal static class DirectConvolution
{
    private const int Taps = 3;
    private const int ChannelsOfBlock = 16;

    /// <summary>A convolution with weights of its shape.</summary>
    public static Tensor Convolve(ConvolutionShape shape, Tensor input, Tensor weight, Tensor? bias)
    {
        // Most convolutions are called as they are: without copies of what is read of them.
        if (!IsMiddleAlone(shape, 0, input) && !IsMiddleAlone(shape, 1, input) && !LeapsOverPixels(shape, 0, weight) && !LeapsOverPixels(shape, 1, weight))
        {
            return functional.conv2d(input, weight, bias, shape.Stride, shape.Padding, shape.Dilation, shape.Groups);
        }

        using var scope = NewDisposeScope();
        var padding = shape.Padding.ToArray();
        var stride = shape.Stride.ToArray();
        for (var axis = 0; axis < padding.Length; axis++)
        {
            var dimension = 2 + axis;
            if (IsMiddleAlone(shape, axis, input))
            {
                weight = weight.narrow(dimension, Taps / 2, 1);
                padding[axis] = 0;
            }

            if (LeapsOverPixels(shape, axis, weight))
            {
                input = input.slice(dimension, 0, input.size(dimension), stride[axis]);
                stride[axis] = 1;
            }
        }

        return functional.conv2d(input, weight, bias, stride, padding, shape.Dilation, shape.Groups).MoveToOuterDisposeScope();
    }

    private static bool IsMiddleAlone(ConvolutionShape shape, int axis, Tensor input) =>
        shape.Kernel[axis] == Taps && shape.Padding[axis] == shape.Dilation[axis] && shape.Dilation[axis] >= input.size(2 + axis);

    private static bool LeapsOverPixels(ConvolutionShape shape, int axis, Tensor weight) =>
        shape.Stride[axis] > 1 && shape.Padding[axis] == 0 && shape.Kernel is [1, 1] && weight.size(1) < ChannelsOfBlock;
}
