using Mlps.Torch.Convolutions.Winograd;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Convolutions;

/// <summary>Chooses the fastest algorithm for a convolution, by its shape, its input and whether its weights learn.</summary>
/// <remarks>Only CPUs are given a choice: on GPUs, cuDNN chooses by itself. docs/performance.md has the measurements for the bounds.</remarks>
internal static class ConvolutionChooser
{
    /// <summary>Channels in and out below which Winograd's transforms cost more than they save.</summary>
    private const long WinogradChannels = 256;

    /// <summary>Products of channels over all tiles, with transformed weights, below which moving tiles costs more than it saves.</summary>
    private const long FixedWinogradProducts = 256L * 256 * 784;

    /// <summary>How much larger all tiles together may be than the image, with transformed weights.</summary>
    private const double FixedWinogradWaste = 1.15;

    /// <summary>Tiles for which each weight is used, below which transforming weights in every step costs more than it saves.</summary>
    private const long LearningWinogradTiles = 784;

    private const long LearningWinogradProducts = 512L * 512 * LearningWinogradTiles;

    private const double LearningWinogradWaste = 1.02;

    /// <summary>A convolution of [N, C, H, W], by the fastest algorithm, in the element type of the mixed precision in force.</summary>
    /// <param name="shape">The convolution's parameters.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[K, C / groups, kernel height, kernel width].</param>
    /// <param name="bias">[K], or null for none.</param>
    /// <param name="transformed">The same weights and bias in Winograd's form, or null.</param>
    public static Tensor Convolve(ConvolutionShape shape, Tensor input, Tensor weight, Tensor? bias, WinogradConvolution? transformed = null)
    {
        if (MixedPrecision.Type is null && Choose(shape, input, weight, transformed) is ConvolutionAlgorithm.Direct)
        {
            return DirectConvolution.Convolve(shape, input, weight, bias);
        }

        using var scope = NewDisposeScope();
        if (MixedPrecision.Type is { } type)
        {
            (input, weight, bias) = (input.to(type), MixedPrecision.Round(weight, type), bias?.to(type));
        }

        var dilation = shape.Dilation[0];
        var output = Choose(shape, input, weight, transformed) switch
        {
            ConvolutionAlgorithm.FixedWinograd => transformed!.Forward(input),
            ConvolutionAlgorithm.LearningWinograd => WinogradFunction.Convolve(input, weight, bias, dilation),
            ConvolutionAlgorithm.Tapwise => TapwiseConvolution.Convolve(input, weight, bias, dilation),
            _ => DirectConvolution.Convolve(shape, input, weight, bias),
        };
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>The algorithm for an input and weights in the element type that they are computed in.</summary>
    public static ConvolutionAlgorithm Choose(ConvolutionShape shape, Tensor input, Tensor weight, WinogradConvolution? transformed = null)
    {
        if (!shape.IsSame3x3 || weight.device_type is not DeviceType.CPU)
        {
            return ConvolutionAlgorithm.Direct;
        }

        var isMixed = MixedPrecision.Type is not null;
        return transformed is not null && !isMixed && FixedWinogradPays(shape, input, weight) ? ConvolutionAlgorithm.FixedWinograd
            : !is_grad_enabled() || !weight.requires_grad ? ConvolutionAlgorithm.Direct
            : weight.dtype is not ScalarType.BFloat16 && LearningWinogradPays(shape, input, weight) ? ConvolutionAlgorithm.LearningWinograd
            : TapwisePays(shape, input) ? ConvolutionAlgorithm.Tapwise
            : ConvolutionAlgorithm.Direct;
    }

    /// <summary>Whether a convolution with weights [K, C, kernel height, kernel width] may gain by Winograd's transforms at all.</summary>
    public static bool SuitsWinograd(ConvolutionShape shape, Tensor weight) =>
        shape.IsSame3x3 && weight.device_type is DeviceType.CPU && weight.size(0) >= WinogradChannels && weight.size(1) >= WinogradChannels;

    private static bool FixedWinogradPays(ConvolutionShape shape, Tensor input, Tensor weight)
    {
        var tiling = WinogradTiling.Cover(input, shape.Dilation[0]);
        return tiling.Waste <= FixedWinogradWaste && tiling.Count * weight.size(0) * weight.size(1) >= FixedWinogradProducts;
    }

    private static bool LearningWinogradPays(ConvolutionShape shape, Tensor input, Tensor weight)
    {
        if (!SuitsWinograd(shape, weight))
        {
            return false;
        }

        var tiling = WinogradTiling.Cover(input, shape.Dilation[0]);
        return tiling.Waste <= LearningWinogradWaste && tiling.Count >= LearningWinogradTiles && tiling.Count * weight.size(0) * weight.size(1) >= LearningWinogradProducts;
    }

    /// <summary>Whether taps reach over more than the image and yet meet it: then oneDNN has no fast gradient of the weights.</summary>
    private static bool TapwisePays(ConvolutionShape shape, Tensor input)
    {
        var dilation = shape.Dilation[0];
        long height = input.size(2), width = input.size(3);
        return dilation < Math.Min(height, width) && (2 * dilation) + 1 > Math.Max(height, width);
    }
}
