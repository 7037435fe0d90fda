namespace Mlps.Slides;

/// <summary>A tile of a grid.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Column">Its column.</param>
/// <param name="Tissue">The part of it that is tissue.</param>
internal readonly record struct TilePlace(int Row, int Column, float Tissue)
{
    /// <summary>The tiles of a grid that have tissue, row by row.</summary>
    public static IEnumerable<TilePlace> On(TileGrid grid, TissueMask mask, double leastTissue)
    {
        for (var row = 0; row < grid.Rows; row++)
        {
            for (var column = 0; column < grid.Columns; column++)
            {
                var tissue = mask.Covers(grid.X(column), grid.Y(row), grid.FullSize, grid.FullSize);
                if (tissue > 0 && tissue >= leastTissue)
                {
                    yield return new TilePlace(row, column, (float)tissue);
                }
            }
        }
    }
}
