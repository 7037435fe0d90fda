using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Convolutions;

/// <summary>A 3x3 convolution with a dilation close to the image's size; its weight gradient is computed tap by tap.</summary>
/// <remarks>Each tap meets only part of the image. oneDNN has no fast kernel for this case.</remarks>
internal sealed class TapwiseConvolution : ConvolutionFunction<TapwiseConvolution>
{
    private const int Taps = 3;

    protected override Tensor Output(Tensor input, Tensor weight, Tensor? bias, long dilation) =>
        functional.conv2d(input, weight, bias, padding: [dilation, dilation], dilation: [dilation, dilation]);

    protected override (Tensor? Input, Tensor? Weight) Gradients(Tensor input, Tensor weight, Tensor gradient, long dilation, bool inputLearns)
    {
        var ofInput = inputLearns ? functional.conv_transpose2d(gradient, weight, padding: [dilation, dilation], dilation: [dilation, dilation]) : null;
        var (inputs, outputs) = (input.permute(0, 2, 3, 1), gradient.permute(0, 2, 3, 1));
        var taps = new Tensor[Taps * Taps];
        for (var tap = 0; tap < taps.Length; tap++)
        {
            using var scope = NewDisposeScope();
            var (down, right) = (((tap / Taps) - 1) * dilation, ((tap % Taps) - 1) * dilation);
            taps[tap] = MatrixProduct.Multiply(Met(outputs, -down, -right).t().contiguous(), Met(inputs, down, right)).MoveToOuterDisposeScope();
        }

        return (ofInput, stack(taps, 1).view(weight.size(0), Taps, Taps, weight.size(1)).permute(0, 3, 1, 2));
    }

    /// <summary>The pixels [P, channels] of [N, H, W, channels] that a tap so far away meets within the image; of outputs, those that meet one.</summary>
    private static Tensor Met(Tensor pixels, long down, long right)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (pixels.size(1) - Math.Abs(down), pixels.size(2) - Math.Abs(right));
        return pixels.narrow(1, Math.Max(0, down), height).narrow(2, Math.Max(0, right), width).reshape(-1, pixels.size(3)).MoveToOuterDisposeScope();
    }
}
