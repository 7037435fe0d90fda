using Mlps.Torch.PseudoMasks;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Segments with the classifier alone: its class maps, for the classes that it predicts.</summary>
internal static class ClassMapSegmentation
{
    /// <summary>A class is predicted when its probability is strictly above this.</summary>
    public const double Threshold = 0.25;

    /// <summary>Class indices [N, H, W] (bytes); where no class is predicted, the most probable one.</summary>
    /// <param name="classMaps">[N, C, h, w] class maps, up to a positive factor.</param>
    /// <param name="logits">[N, C].</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="scaling">How the maps are scaled; any scaling of all classes together chooses the same.</param>
    public static Tensor Compute(Tensor classMaps, Tensor logits, long height, long width, MapScaling scaling = MapScaling.OverPresentClasses)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // The most probable class is predicted whenever any is, so that adding it changes only images without a prediction.
        var predicted = logits.sigmoid().gt(Threshold).logical_or(logits.eq(logits.amax([1], keepdim: true)));
        if (PerClassScores.Are(scaling))
        {
            var resized = nn.functional.interpolate(classMaps, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
            return PerClassScores.Choose(resized, predicted.unsqueeze(-1).unsqueeze(-1), dimension: 1, scaling).to(ScalarType.Byte).MoveToOuterDisposeScope();
        }

        var maps = nn.functional.interpolate(classMaps.relu(), size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        return maps.masked_fill(predicted.logical_not().unsqueeze(-1).unsqueeze(-1), -1).Argmax(1).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }
}
