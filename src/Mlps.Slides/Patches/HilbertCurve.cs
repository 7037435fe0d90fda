namespace Mlps.Slides;

/// <summary>Hilbert's curve through the cells of a square: cells that follow each other are near each other.</summary>
internal static class HilbertCurve
{
    /// <summary>Where a cell comes on the curve.</summary>
    /// <param name="column">Its column, below <paramref name="side"/>.</param>
    /// <param name="row">Its row.</param>
    /// <param name="side">Cells along the square, a power of 2.</param>
    public static long Place(int column, int row, int side)
    {
        var place = 0L;
        for (var half = side / 2; half > 0; half /= 2)
        {
            var (right, below) = ((column & half) != 0 ? 1 : 0, (row & half) != 0 ? 1 : 0);
            place += (long)half * half * ((3 * right) ^ below);
            if (below == 0)
            {
                if (right == 1)
                {
                    (column, row) = (half - 1 - (column & (half - 1)), half - 1 - (row & (half - 1)));
                }

                (column, row) = (row, column);
            }
        }

        return place;
    }
}
