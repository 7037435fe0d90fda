namespace Mlps.Label;

/// <summary>Which patches masks are drawn on: those of slides that are held out of training, from each slide in turn.</summary>
internal static class MaskChoice
{
    /// <summary>How many masks are enough to choose epochs by.</summary>
    public const int Enough = 30;

    /// <summary>The patches' indices in the order in which masks are drawn; all of a folder that has only one slide.</summary>
    /// <param name="patches">The patches.</param>
    /// <param name="order">Their indices in a random order.</param>
    /// <param name="heldOut">Share of the patches that is held out, from 0 to below 1; one slide at least is, where there are two.</param>
    /// <param name="seed">Fixes which slides, as it does in an export.</param>
    /// <param name="masked">Slides that have masks already.</param>
    public static int[] Order(PatchList patches, IReadOnlyList<int> order, double heldOut, int seed, IReadOnlySet<string> masked)
    {
        var slides = HeldOutSlides.Choose(patches.Patches, Math.Max(heldOut, double.Epsilon), seed, masked);
        return [.. InTurn(order.Where(index => slides.Count == 0 || slides.Contains(patches.Patches[index].Slide)).GroupBy(index => patches.Patches[index].Slide, StringComparer.Ordinal).Select(slide => slide.ToArray()))];
    }

    private static IEnumerable<int> InTurn(IEnumerable<int[]> slides)
    {
        int[][] all = [.. slides];
        for (var round = 0; Array.Exists(all, slide => slide.Length > round); round++)
        {
            foreach (var slide in all.Where(slide => slide.Length > round))
            {
                yield return slide[round];
            }
        }
    }
}
