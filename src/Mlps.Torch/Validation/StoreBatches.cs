using Mlps.Torch.Data;
using Mlps.Torch.Ranks;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Reads a store front to back, unvaried, some patches at a time.</summary>
internal static class StoreBatches
{
    /// <summary>Pixels of a batch's images, at most, so that large images do not multiply a network's memory by the batch size.</summary>
    private const int MostPixels = 1 << 20;

    /// <summary>The first index and the number of patches of each batch, or of those that a rank takes: every Nth of N ranks.</summary>
    /// <param name="store">The patches.</param>
    /// <param name="most">Patches of a batch, at most; fewer where they are large.</param>
    /// <param name="ranks">Null for none.</param>
    public static IEnumerable<(int First, int Count)> Split(PatchStore store, int most, RankGroup? ranks = null)
    {
        var batchSize = Math.Clamp(MostPixels / store.Layout.PixelCount, 1, most);
        for (var first = batchSize * (ranks?.Rank ?? 0); first < store.Count; first += batchSize * (ranks?.Count ?? 1))
        {
            yield return (first, Math.Min(batchSize, store.Count - first));
        }
    }

    /// <summary>Images [N, 3, H, W] as bytes.</summary>
    public static Tensor Images(this PatchStore store, int first, int count)
    {
        var bytes = new byte[count * store.Layout.ImageBytes];
        for (var n = 0; n < count; n++)
        {
            store.Image(first + n).CopyTo(bytes.AsSpan(n * store.Layout.ImageBytes));
        }

        return tensor(bytes, [count, 3, store.Layout.Height, store.Layout.Width], device: CPU);
    }

    /// <summary>Labels [N, C] as bytes, 1 where the tissue occurs.</summary>
    public static Tensor Labels(this PatchStore store, int first, int count)
    {
        var bytes = new byte[count * store.Layout.ClassCount];
        for (var n = 0; n < count; n++)
        {
            store.Label(first + n).CopyTo(bytes.AsSpan(n * store.Layout.ClassCount));
        }

        return tensor(bytes, [count, store.Layout.ClassCount], device: CPU);
    }
}
