using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlps.Torch.Networks;

/// <summary>Where the features of an encoder lie in the image, for enlarging them.</summary>
internal static class FeatureGrid
{
    /// <summary>Enlarges features whose outermost rows and columns stand for the image's borders, as the published code does.</summary>
    public static Tensor Stretch(Tensor features, long height, long width) =>
        functional.interpolate(features, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: true);

    /// <summary>Enlarges features of which number i lies at pixel i times the stride: those of an encoder that pads above and to the left alone.</summary>
    /// <param name="features">[N, C, h, w].</param>
    /// <param name="factor">How many times larger.</param>
    /// <param name="height">Rows of the result, at most h·factor.</param>
    /// <param name="width">Columns of the result, at most w·factor.</param>
    /// <remarks>Stretched, such features would move to the right and down: at stride 16 by up to 12 pixels, at the last column.</remarks>
    public static Tensor Enlarge(Tensor features, int factor, long height, long width)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (features.shape[2], features.shape[3]);
        var padded = functional.pad(features, [0, 1, 0, 1], PaddingModes.Replicate);
        return Stretch(padded, (rows * factor) + 1, (columns * factor) + 1).slice(2, 0, height, 1).slice(3, 0, width, 1).MoveToOuterDisposeScope();
    }
}
