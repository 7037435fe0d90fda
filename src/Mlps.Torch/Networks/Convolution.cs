using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>Creates the networks' convolutions: by default without bias, and padded so that stride 1 keeps height and width.</summary>
/// <remarks>Their weights are not set: <see cref="Initialization"/> draws them, or they are loaded.</remarks>
internal static class Convolution
{
    public static Conv2d Create1x1(int inChannels, int outChannels, int stride = 1, bool bias = false) =>
        Create(inChannels, outChannels, kernel: 1, stride: stride, bias: bias);

    public static Conv2d Create3x3(int inChannels, int outChannels, int stride = 1, int dilation = 1) =>
        Create(inChannels, outChannels, kernel: 3, stride: stride, padding: dilation, dilation: dilation);

    public static Conv2d Create7x7(int inChannels, int outChannels, int stride = 1) =>
        Create(inChannels, outChannels, kernel: 7, stride: stride, padding: 3);

    /// <summary>A convolution that is not padded: its callers pad before.</summary>
    public static Conv2d CreateUnpadded(int inChannels, int outChannels, int kernel, int stride) =>
        Create(inChannels, outChannels, kernel, stride);

    /// <summary>A 3x3 convolution of each channel by itself, not padded: its callers pad before.</summary>
    public static Conv2d CreateDepthwise3x3(int channels, int stride, int dilation) =>
        Create(channels, channels, kernel: 3, stride: stride, dilation: dilation, groups: channels);

    /// <summary>A convolution whose weights have not been set.</summary>
    /// <remarks>TorchSharp draws a convolution's first weights from the process's generator. On a device without memory it draws nothing.</remarks>
    private static Conv2d Create(int inChannels, int outChannels, int kernel, int stride, int padding = 0, int dilation = 1, int groups = 1, bool bias = false)
    {
        var convolution = Conv2d(inChannels, outChannels, kernel, stride, padding, dilation, PaddingModes.Zeros, groups, bias, WeightMemory.Nowhere, ScalarType.Float32);
        convolution.weight = new Parameter(empty(convolution.weight.shape, ScalarType.Float32, WeightMemory.Device));
        if (bias)
        {
            convolution.bias = new Parameter(empty(convolution.bias!.shape, ScalarType.Float32, WeightMemory.Device));
        }

        return convolution;
    }
}
