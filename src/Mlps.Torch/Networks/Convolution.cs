using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>The convolutions that every network here is made of: no bias, and padded, unless said otherwise, so that stride 1 keeps height and width.</summary>
internal static class Convolution
{
    public static Conv2d Of1x1(int inChannels, int outChannels, int stride = 1) =>
        Conv2d(inChannels, outChannels, kernel_size: 1, stride: stride, bias: false);

    public static Conv2d Of3x3(int inChannels, int outChannels, int stride = 1, int dilation = 1) =>
        Conv2d(inChannels, outChannels, kernel_size: 3, stride: stride, padding: dilation, dilation: dilation, bias: false);

    /// <summary>A 3x3 convolution of each channel by itself, not padded: its callers pad before.</summary>
    public static Conv2d Depthwise3x3(int channels, int stride, int dilation) =>
        Conv2d(channels, channels, kernel_size: 3, stride: stride, dilation: dilation, groups: channels, bias: false);
}
