using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Torch.PseudoMasks;

/// <summary>Scores of activation maps in which each class is scaled by itself: <see cref="MapScaling.PerClass"/> and <see cref="MapScaling.PerClassMean"/>.</summary>
internal static class PerClassScores
{
    /// <summary>Whether a scaling is one of these.</summary>
    public static bool Are(MapScaling scaling) => scaling is MapScaling.PerClass or MapScaling.PerClassMean;

    /// <summary>Scores [..., H, W]: 0 or above for classes that occur, 0 everywhere for a map that is nowhere positive, −∞ for classes that do not occur.</summary>
    /// <param name="maps">[..., C, H, W], of the image's size.</param>
    /// <param name="present">Broadcast to the maps, true where the class occurs.</param>
    /// <param name="scaling">By the map's maximum or by its mean.</param>
    public static Tensor Compute(Tensor maps, Tensor present, MapScaling scaling = MapScaling.PerClass)
    {
        using var scope = NewDisposeScope();
        var positive = maps.relu();
        var unit = scaling is MapScaling.PerClassMean ? positive.mean([-2, -1], keepdim: true) : positive.amax([-2, -1], keepdim: true);
        var scaled = positive.div(where(unit.gt(0), unit, ones_like(unit)));
        return scaled.masked_fill(present.logical_not(), float.NegativeInfinity).MoveToOuterDisposeScope();
    }

    /// <summary>The class with the highest score; where none is above 0, that with the highest map, of those that occur.</summary>
    /// <param name="maps">[..., C, H, W], of the image's size.</param>
    /// <param name="present">Broadcast to the maps, true where the class occurs.</param>
    /// <param name="dimension">The dimension of the classes.</param>
    /// <param name="scaling">By the map's maximum or by its mean.</param>
    /// <param name="fused">A dimension over which scores and maps are averaged first, and which stays with length 1; null for none.</param>
    public static Tensor Choose(Tensor maps, Tensor present, long dimension, MapScaling scaling = MapScaling.PerClass, long? fused = null)
    {
        using var scope = NewDisposeScope();
        var scores = Compute(maps, present, scaling);
        if (fused is { } layers)
        {
            (scores, maps) = (scores.mean([layers], keepdim: true), maps.mean([layers], keepdim: true));
        }

        var nothing = scores.amax([dimension]).le(0);
        var highest = maps.masked_fill(present.logical_not(), float.NegativeInfinity).Argmax(dimension);
        return where(nothing, highest, scores.Argmax(dimension)).MoveToOuterDisposeScope();
    }
}
