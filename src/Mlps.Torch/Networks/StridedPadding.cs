using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>The padding of strided windows in ML.NET's ResNet-18: more above and to the left than below and to the right.</summary>
internal static class StridedPadding
{
    /// <summary>Pads [N, C, H, W] with zeros for a window of an odd side and stride 2, whose output is then [⌈H/2⌉, ⌈W/2⌉].</summary>
    /// <remarks>
    /// Even sides: k/2 before and k/2 - 1 after, as in the file (3 and 2 for 7x7, 1 and 0 for 3x3). Odd sides, which the file's network never meets in
    /// images of 224 px, get one more after, so that no pixel is left out.
    /// </remarks>
    public static Tensor Pad(Tensor input, int kernel)
    {
        var before = kernel / 2;
        var (bottom, right) = (before - 1 + (input.shape[2] % 2), before - 1 + (input.shape[3] % 2));
        return functional.pad(input, [before, right, before, bottom], PaddingModes.Constant, 0);
    }
}
