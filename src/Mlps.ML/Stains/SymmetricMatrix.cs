namespace Mlps.ML;

/// <summary>Eigenvectors of a symmetric 3x3 matrix.</summary>
internal static class SymmetricMatrix
{
    private const int Side = 3;

    /// <summary>Sweeps after which rotations change nothing in double precision; six are usual.</summary>
    private const int Sweeps = 30;

    /// <summary>The eigenvectors of length 1, that of the largest eigenvalue first, by Jacobi's rotations.</summary>
    /// <param name="matrix">Symmetric; its values are replaced.</param>
    public static ColorVector[] Eigenvectors(double[,] matrix)
    {
        var vectors = new double[Side, Side] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        for (var sweep = 0; sweep < Sweeps && (matrix[0, 1] != 0 || matrix[0, 2] != 0 || matrix[1, 2] != 0); sweep++)
        {
            Rotate(matrix, vectors, 0, 1);
            Rotate(matrix, vectors, 0, 2);
            Rotate(matrix, vectors, 1, 2);
        }

        return [.. Enumerable.Range(0, Side).OrderByDescending(i => matrix[i, i]).Select(i => new ColorVector(vectors[0, i], vectors[1, i], vectors[2, i]))];
    }

    /// <summary>Turns the plane of two axes so that their common entry becomes 0.</summary>
    private static void Rotate(double[,] matrix, double[,] vectors, int p, int q)
    {
        if (matrix[p, q] == 0)
        {
            return;
        }

        var theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        var tangent = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        var sine = tangent * cosine;
        for (var k = 0; k < Side; k++)
        {
            (matrix[k, p], matrix[k, q]) = ((cosine * matrix[k, p]) - (sine * matrix[k, q]), (sine * matrix[k, p]) + (cosine * matrix[k, q]));
        }

        for (var k = 0; k < Side; k++)
        {
            (matrix[p, k], matrix[q, k]) = ((cosine * matrix[p, k]) - (sine * matrix[q, k]), (sine * matrix[p, k]) + (cosine * matrix[q, k]));
            (vectors[k, p], vectors[k, q]) = ((cosine * vectors[k, p]) - (sine * vectors[k, q]), (sine * vectors[k, p]) + (cosine * vectors[k, q]));
        }

        (matrix[p, q], matrix[q, p]) = (0, 0);
    }
}
