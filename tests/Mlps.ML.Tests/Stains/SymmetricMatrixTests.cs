using Xunit;

namespace Mlps.ML.Tests.Stains;

public sealed class SymmetricMatrixTests
{
    [Theory]
    [InlineData(4, 1, 2, 3, 0.5, 5)]
    [InlineData(1, 0, 0, 2, 0, 3)]
    [InlineData(1, 1, 1, 1, 1, 1)]
    [InlineData(1e9, 3, -2e5, 1e-3, 7, 40)]
    public void Eigenvectors_AnyMatrix_AreOrthonormalAndOnlyScaled(double xx, double xy, double xz, double yy, double yz, double zz)
    {
        var rows = new ColorVector[] { new(xx, xy, xz), new(xy, yy, yz), new(xz, yz, zz) };
        var largest = rows.Max(row => row.ToArray().Max(Math.Abs));

        var vectors = SymmetricMatrix.Eigenvectors(new[,] { { xx, xy, xz }, { xy, yy, yz }, { xz, yz, zz } });

        var values = vectors.Select(vector => rows[0].Dot(vector) * vector.Red + rows[1].Dot(vector) * vector.Green + rows[2].Dot(vector) * vector.Blue).ToArray();
        Assert.All(values.Zip(values.Skip(1)), pair => Assert.True(pair.First >= pair.Second - (1e-12 * largest)));
        for (var i = 0; i < 3; i++)
        {
            var image = new ColorVector(rows[0].Dot(vectors[i]), rows[1].Dot(vectors[i]), rows[2].Dot(vectors[i]));
            Assert.All((image - (values[i] * vectors[i])).ToArray(), left => Assert.InRange(left, -1e-12 * largest, 1e-12 * largest));
            for (var j = 0; j < 3; j++)
            {
                Assert.Equal(i == j ? 1 : 0, vectors[i].Dot(vectors[j]), 1e-12);
            }
        }
    }
}
