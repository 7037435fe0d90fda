using System.Numerics;

namespace Mlps.Label;

/// <summary>What somebody said of a patch.</summary>
/// <param name="Patch">The patch's key.</param>
/// <param name="Tissues">The tissues that occur, as bits in the order of the classes; null for "cannot say".</param>
/// <param name="At">When it was given, in UTC.</param>
internal sealed record Answer(string Patch, uint? Tissues, DateTimeOffset At)
{
    /// <summary>The places of the tissues that occur, ascending; none for "cannot say".</summary>
    public IReadOnlyList<int> Places
    {
        get
        {
            var left = Tissues ?? 0;
            var places = new List<int>(BitOperations.PopCount(left));
            for (; left != 0; left &= left - 1)
            {
                places.Add(BitOperations.TrailingZeroCount(left));
            }

            return places;
        }
    }

    /// <summary>Whether a tissue occurs.</summary>
    /// <param name="tissue">Its place among the classes.</param>
    public bool Has(int tissue) => ((Tissues ?? 0) >> tissue & 1) == 1;
}
