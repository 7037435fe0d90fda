using Mlps.Torch.Ranks;

namespace Mlps.ML;

/// <summary>What messages call a row without a name.</summary>
internal static class RowNumber
{
    /// <param name="row">Its number in the table, from 0.</param>
    public static string Text(long row) => FormattableString.Invariant($"row {row}");

    /// <summary>The number in the whole table of one of the rows that are read of it.</summary>
    /// <param name="read">From 0, among those that are read.</param>
    /// <param name="ranks">Those who read the others, or null where all are read.</param>
    public static long InTable(long read, RankGroup? ranks) => ranks is null ? read : RankRows.NumberOf(read, ranks.Rank, ranks.Count);
}
