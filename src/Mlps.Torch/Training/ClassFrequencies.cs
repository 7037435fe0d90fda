using Mlps.Torch.Data;

namespace Mlps.Torch.Training;

/// <summary>How common each class is among the pixels to learn from, and what weights follow from it.</summary>
internal static class ClassFrequencies
{
    /// <summary>Keeps the weight of a class that fills every pixel finite, and that of an absent one below about 51.</summary>
    private const double Offset = 1.02;

    /// <summary>Share of each class among the tissue pixels of a store's masks; all 0 where there are none.</summary>
    /// <param name="patches">With masks.</param>
    /// <param name="mask">Which of each patch's masks.</param>
    /// <param name="classCount">C; higher indices are background and do not count.</param>
    public static double[] Compute(PatchStore patches, int mask, int classCount)
    {
        var counts = new long[byte.MaxValue + 1];
        for (var i = 0; i < patches.Count; i++)
        {
            foreach (var index in patches.Mask(i, mask))
            {
                counts[index]++;
            }
        }

        var tissue = Math.Max(1, counts.AsSpan(..classCount).ToArray().Sum());
        return [.. counts.Take(classCount).Select(count => count / (double)tissue)];
    }

    /// <summary>1/ln(1.02 + f) for each share f.</summary>
    public static float[] Weights(IEnumerable<double> frequencies) => [.. frequencies.Select(frequency => (float)(1 / Math.Log(Offset + frequency)))];
}
