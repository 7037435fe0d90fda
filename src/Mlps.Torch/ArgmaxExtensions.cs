using static TorchSharp.torch;

namespace Mlps.Torch;

/// <summary>Argmax as fast as a maximum.</summary>
internal static class ArgmaxExtensions
{
    /// <summary>The index of the first maximum along a dimension, as <c>argmax</c> gives it; NaN counts as the largest.</summary>
    /// <remarks>On CPUs <c>argmax</c> takes thirty times as long over channels that are not contiguous.</remarks>
    public static Tensor Argmax(this Tensor scores, long dimension)
    {
        using var scope = NewDisposeScope();
        return scores.max(dimension).indexes.MoveToOuterDisposeScope();
    }
}
