using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>
/// Convolutions by those taps alone that reach into the image. The outer taps of a 3x3 kernel whose dilation is at least the image's side meet nothing but padding: at an output stride of 16, that is
/// the widest branch of atrous pooling over 224 px, and all three over 96 px. The middle tap alone gives the same sums in a ninth of the products.
/// </summary>
internal static class ReachingTaps
{
    private const int Taps = 3;

    /// <summary>A convolution with weights of its shape.</summary>
    public static Tensor Convolve(Conv2d convolution, Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var padding = convolution.padding!.ToArray();
        for (var axis = 0; axis < padding.Length; axis++)
        {
            if (IsMiddleAlone(convolution, axis, input.shape[2 + axis], weight.shape[2 + axis]))
            {
                weight = weight.narrow(2 + axis, Taps / 2, 1);
                padding[axis] = 0;
            }
        }

        return functional.conv2d(input, weight, bias, convolution.stride, padding, convolution.dilation, convolution.groups).MoveToOuterDisposeScope();
    }

    private static bool IsMiddleAlone(Conv2d convolution, int axis, long length, long taps) =>
        taps == Taps && convolution.dilation[axis] >= length && convolution.padding![axis] == convolution.dilation[axis];
}
