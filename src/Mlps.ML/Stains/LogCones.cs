namespace Mlps.ML;

/// <summary>Colours as logarithms of what the eye's long, medium and short cones see, and the axes l, α and β of their variation.</summary>
/// <remarks>Reinhard et al., IEEE Computer Graphics and Applications 21(5), 2001, equations 4 to 9.</remarks>
internal static class LogCones
{
    private static readonly float[] _shares = [.. Enumerable.Range(0, 256).Select(intensity => (intensity + 1) / 256f)];

    /// <summary>From red, green and blue to long, medium and short (equation 4, with the RGB of monitors).</summary>
    public static double[,] FromRgb { get; } =
    {
        { 0.3811, 0.5783, 0.0402 },
        { 0.1967, 0.7244, 0.0782 },
        { 0.0241, 0.1288, 0.8444 },
    };

    /// <summary>Back again; the exact inverse, not the paper's rounded one.</summary>
    public static double[,] ToRgb { get; } = Inverse(FromRgb);

    /// <summary>From logarithms of the cones to l, α and β (equation 6).</summary>
    public static double[,] ToLab { get; } =
    {
        { 1 / Math.Sqrt(3), 1 / Math.Sqrt(3), 1 / Math.Sqrt(3) },
        { 1 / Math.Sqrt(6), 1 / Math.Sqrt(6), -2 / Math.Sqrt(6) },
        { 1 / Math.Sqrt(2), -1 / Math.Sqrt(2), 0 },
    };

    /// <summary>Red, green and blue of each intensity as shares of light, by the same rule as optical densities.</summary>
    public static ReadOnlySpan<float> Shares => _shares;

    /// <summary>The inverse of a matrix by its adjugate.</summary>
    private static double[,] Inverse(double[,] m)
    {
        var inverse = new double[3, 3];
        var determinant = 0.0;
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 3; column++)
            {
                int r1 = (row + 1) % 3, r2 = (row + 2) % 3, c1 = (column + 1) % 3, c2 = (column + 2) % 3;
                inverse[column, row] = (m[r1, c1] * m[r2, c2]) - (m[r1, c2] * m[r2, c1]);
            }
        }

        for (var column = 0; column < 3; column++)
        {
            determinant += m[0, column] * inverse[column, 0];
        }

        for (var entry = 0; entry < 9; entry++)
        {
            inverse[entry / 3, entry % 3] /= determinant;
        }

        return inverse;
    }
}
