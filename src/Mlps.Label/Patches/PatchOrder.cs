using System.IO.Hashing;
using System.Text;

namespace Mlps.Label;

/// <summary>The order in which patches are shown.</summary>
internal static class PatchOrder
{
    /// <summary>A random order, which depends on nothing but the seed and the patches' names: patches that are added later do not change the order of the others.</summary>
    /// <param name="patches">The patches.</param>
    /// <param name="seed">Another seed gives another order.</param>
    /// <returns>Their indices.</returns>
    public static int[] Random(IReadOnlyList<PatchFile> patches, int seed)
    {
        var keys = new ulong[patches.Count];
        var order = new int[patches.Count];
        for (var index = 0; index < order.Length; index++)
        {
            keys[index] = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(patches[index].Key), seed);
            order[index] = index;
        }

        Array.Sort(keys, order);
        return order;
    }

    /// <summary>The most uncertain patches first, taken from each slide in turn, so that one difficult slide does not fill the list; then those without a score, in their own order.</summary>
    /// <param name="patches">The patches.</param>
    /// <param name="order">Their indices in the order that counts where nothing else does.</param>
    /// <param name="uncertainty">How uncertain a model is of each patch; null where it was not asked.</param>
    public static int[] MostUseful(IReadOnlyList<PatchFile> patches, IReadOnlyList<int> order, IReadOnlyList<double?> uncertainty)
    {
        var slides = order.Where(index => uncertainty[index] is not null)
            .OrderByDescending(index => uncertainty[index])
            .GroupBy(index => patches[index].Slide, StringComparer.Ordinal)
            .Select(group => group.ToArray())
            .ToArray();
        var useful = new List<int>(order.Count);
        for (var round = 0; Array.Exists(slides, slide => slide.Length > round); round++)
        {
            useful.AddRange(slides.Where(slide => slide.Length > round).Select(slide => slide[round]).OrderByDescending(index => uncertainty[index]));
        }

        useful.AddRange(order.Where(index => uncertainty[index] is null));
        return [.. useful];
    }
}
