using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.PseudoMasks;

/// <summary>Turns activation maps and patch labels into class masks.</summary>
/// <remarks>Han et al. 2022, section 3.2.</remarks>
internal static class PseudoMaskGenerator
{
    /// <summary>Pseudo masks [N, L, H, W] (bytes), or [N, 1, H, W] of fused layers: class indices, C for background, and all C where a patch has no class.</summary>
    /// <remarks>All of it is computed on the maps' device, where the masks stay.</remarks>
    /// <param name="maps">[N, L, C, h, w] activation maps.</param>
    /// <param name="labels">[N, C], true where the class occurs; on any device, as the images.</param>
    /// <param name="images">[N, 3, H, W] bytes, for the background.</param>
    /// <param name="options">Background and recipe.</param>
    public static Tensor Generate(Tensor maps, Tensor labels, Tensor images, PseudoMaskRules options)
    {
        using var state = ComputeScope.ForWeights();
        labels = labels.to(maps.device);
        var classCount = maps.shape[2];
        var masks = Classes(maps, labels, images.shape[2], images.shape[3], options).to(ScalarType.Byte);
        if (options.Recipe is Recipe.Default)
        {
            var nothing = labels.to(ScalarType.Bool).any(1).logical_not().view(-1, 1, 1, 1);
            masks = masks.masked_fill(nothing, classCount);
        }

        if (options.Background is { } background)
        {
            masks = masks.masked_fill(BackgroundMask.Find(images.to(masks.device), background).unsqueeze(1), classCount);
        }

        return state.Return(masks);
    }

    /// <summary>Scaled scores [N, L, C, H, W], in [0, 1] where a class occurs.</summary>
    public static Tensor Scores(Tensor maps, Tensor labels, long height, long width, Recipe recipe, MapScaling? scaling = null)
    {
        using var scope = NewDisposeScope();
        var resized = Resize(maps, height, width, recipe);
        var present = Present(labels);
        var scores = recipe.EffectiveScaling(scaling) switch
        {
            MapScaling.OverAllClasses => MinMax(resized).mul(present.to(resized.dtype)),
            MapScaling.PerClass or MapScaling.PerClassMean => PerClassScores.Compute(resized, present, recipe.EffectiveScaling(scaling)),
            _ => MinMaxOfPresent(resized, present),
        };
        return scores.MoveToOuterDisposeScope();
    }

    /// <summary>The class [N, L, H, W] with the highest score at each pixel, or [N, 1, H, W] of fused layers.</summary>
    private static Tensor Classes(Tensor maps, Tensor labels, long height, long width, PseudoMaskRules options)
    {
        if (PerClassScores.Are(options.EffectiveScaling))
        {
            return PerClassScores.Choose(Resize(maps, height, width, options.Recipe), Present(labels), dimension: 2, options.EffectiveScaling, fused: options.FuseLayers ? 1 : null);
        }

        var scores = Scores(maps, labels, height, width, options.Recipe, options.Scaling);
        return (options.FuseLayers ? scores.mean([1], keepdim: true) : scores).Argmax(2);
    }

    /// <summary>Labels [N, C] as [N, 1, C, 1, 1], true where the class occurs.</summary>
    private static Tensor Present(Tensor labels) => labels.to(ScalarType.Bool).unsqueeze(1).unsqueeze(-1).unsqueeze(-1);

    private static Tensor Resize(Tensor maps, long height, long width, Recipe recipe)
    {
        // The published code hands width and height to its resize in the wrong order, so that it fails on anything but a square.
        if (height != width && recipe is Recipe.Reference)
        {
            throw new NotSupportedException($"The reference recipe takes square patches only; this one is {width}x{height}. Use the default recipe.");
        }

        var resized = nn.functional.interpolate(maps.flatten(0, 1), size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
        return resized.view(maps.shape[0], maps.shape[1], maps.shape[2], height, width);
    }

    private static Tensor MinMax(Tensor maps)
    {
        var lowest = maps.amin([2, 3, 4], keepdim: true);
        var highest = maps.amax([2, 3, 4], keepdim: true);
        return maps.sub(lowest).div(highest.sub(lowest));
    }

    private static Tensor MinMaxOfPresent(Tensor maps, Tensor present)
    {
        var lowest = maps.masked_fill(present.logical_not(), float.PositiveInfinity).amin([2, 3, 4], keepdim: true);
        var highest = maps.masked_fill(present.logical_not(), float.NegativeInfinity).amax([2, 3, 4], keepdim: true);
        var range = highest.sub(lowest);
        var scaled = maps.sub(lowest).div(where(range.gt(0), range, ones_like(range)));
        return scaled.masked_fill(present.logical_not(), float.NegativeInfinity);
    }
}
