using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.PseudoMasks;

/// <summary>Scores of activation maps in which each class is scaled by its own maximum: <see cref="MapScaling.PerClass"/>.</summary>
internal static class PerClassScores
{
    /// <summary>Scores [..., H, W]: in [0, 1] for classes that occur, 0 everywhere for a map that is nowhere positive, −∞ for classes that do not occur.</summary>
    /// <param name="maps">[..., C, H, W], of the image's size.</param>
    /// <param name="present">Broadcast to the maps, true where the class occurs.</param>
    public static Tensor Compute(Tensor maps, Tensor present)
    {
        using var scope = NewDisposeScope();
        var positive = maps.relu();
        var highest = positive.amax([-2, -1], keepdim: true);
        var scaled = positive.div(where(highest.gt(0), highest, ones_like(highest)));
        return scaled.masked_fill(present.logical_not(), float.NegativeInfinity).MoveToOuterDisposeScope();
    }

    /// <summary>The class with the highest score; where none is above 0, that with the highest map, of those that occur.</summary>
    /// <param name="maps">[..., C, H, W], of the image's size.</param>
    /// <param name="present">Broadcast to the maps, true where the class occurs.</param>
    /// <param name="dimension">The dimension of the classes.</param>
    public static Tensor Choose(Tensor maps, Tensor present, long dimension)
    {
        using var scope = NewDisposeScope();
        var scores = Compute(maps, present);
        var nothing = scores.amax([dimension]).le(0);
        var highest = maps.masked_fill(present.logical_not(), float.NegativeInfinity).Argmax(dimension);
        return where(nothing, highest, scores.Argmax(dimension)).MoveToOuterDisposeScope();
    }
}
