using Mlps.ML;

namespace Mlps.Label;

/// <summary>What all who drew on a patch say together, as a mask of a dataset.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Indices">[H, W], 0 to C: a pixel has the index that more than half of those give who answered it, and else C, which does not count.</param>
/// <param name="Open">Pixels that nobody answered, or on which people are divided.</param>
internal sealed record MergedMask(int Width, int Height, byte[] Indices, int Open)
{
    /// <summary>Merges the masks of several people; of one, it is that mask.</summary>
    /// <param name="masks">One or more, of one size.</param>
    /// <param name="classes">The tissues.</param>
    public static MergedMask Of(IReadOnlyList<DrawnMask> masks, TissueClasses classes)
    {
        var indices = new byte[masks[0].Indices.Length];
        var open = 0;
        Span<int> votes = stackalloc int[LabelFolder.MostClasses + 1];
        for (var pixel = 0; pixel < indices.Length; pixel++)
        {
            votes.Clear();
            var answers = 0;
            foreach (var mask in masks)
            {
                if (mask.Indices[pixel] is var index && index != DrawnMask.NoAnswer(classes))
                {
                    votes[index]++;
                    answers++;
                }
            }

            var most = votes.IndexOfAnyInRange((answers / 2) + 1, int.MaxValue);
            indices[pixel] = (byte)(most < 0 ? classes.BackgroundIndex : most);
            open += most < 0 ? 1 : 0;
        }

        return new MergedMask(masks[0].Width, masks[0].Height, indices, open);
    }

    /// <summary>The tissues that have pixels, as bits.</summary>
    /// <param name="tissues">How many there are.</param>
    public uint Tissues(int tissues) => Enumerable.Range(0, tissues).Where(tissue => Indices.Contains((byte)tissue)).Aggregate(0u, (bits, tissue) => bits | (1u << tissue));
}
