using System.IO.Hashing;
using System.Text;

namespace Mlps.Label;

/// <summary>Which slides are kept out of training: whole ones, in an order that the seed fixes.</summary>
internal static class HeldOutSlides
{
    /// <summary>Slides with masks, and then slides in a random order, as many as stay below the share; at least one where there are two, and one is always left.</summary>
    /// <param name="patches">The patches that there are to divide.</param>
    /// <param name="share">Share of them that is held out, from 0 to below 1.</param>
    /// <param name="seed">Fixes the order of the slides.</param>
    /// <param name="masked">Slides with masks: they are held out whatever the share is, unless all patches are of such slides.</param>
    public static HashSet<string> Choose(IReadOnlyCollection<PatchFile> patches, double share, int seed, IReadOnlySet<string> masked)
    {
        var counts = patches.CountBy(patch => patch.Slide, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var chosen = new HashSet<string>(counts.Keys.All(masked.Contains) ? [] : masked, StringComparer.Ordinal);
        if (share <= 0)
        {
            return chosen;
        }

        var left = counts.Keys.Count(slide => !chosen.Contains(slide));
        var room = (share * patches.Count) - chosen.Sum(counts.GetValueOrDefault);
        foreach (var slide in counts.Keys.OrderBy(slide => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(slide), seed)).ThenBy(slide => slide, StringComparer.Ordinal))
        {
            if (left > 1 && (counts[slide] <= room || chosen.Count == 0) && chosen.Add(slide))
            {
                left--;
                room -= counts[slide];
            }
        }

        return chosen;
    }
}
