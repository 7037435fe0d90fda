using TorchSharp.Modules;

namespace Mlps.Torch.Convolutions;

/// <summary>The parameters of a convolution, read from its module once.</summary>
/// <param name="Stride">Rows and columns from one output to the next.</param>
/// <param name="Padding">Rows and columns of zeros on each side.</param>
/// <param name="Dilation">Distance of the taps in rows and columns.</param>
/// <param name="Groups">Groups of channels that are convolved separately.</param>
/// <param name="Kernel">Taps in rows and columns.</param>
internal sealed record ConvolutionShape(long[] Stride, long[] Padding, long[] Dilation, long Groups, long[] Kernel)
{
    private const long Taps = 3;

    /// <summary>Whether it is a dense 3x3 convolution of stride 1 whose padding, its dilation, keeps height and width.</summary>
    public bool IsSame3x3 =>
        Kernel is [Taps, Taps] && Groups == 1 && Stride is [1, 1] && Dilation[0] == Dilation[1] && Padding[0] == Dilation[0] && Padding[1] == Dilation[1];

    /// <summary>Reads a module.</summary>
    public static ConvolutionShape Read(Conv2d convolution) =>
        new([.. convolution.stride], [.. convolution.padding!], [.. convolution.dilation], convolution.groups, convolution.weight.shape[2..]);
}
