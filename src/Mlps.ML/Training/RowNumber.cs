namespace Mlps.ML;

/// <summary>What messages call a row without a name.</summary>
internal static class RowNumber
{
    /// <param name="row">Its number in the table, from 0.</param>
    public static string Text(long row) => FormattableString.Invariant($"row {row}");
}
