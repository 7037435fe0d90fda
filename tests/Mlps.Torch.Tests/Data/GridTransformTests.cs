using Mlps.Torch.Data;
using Xunit;

namespace Mlps.Torch.Tests.Data;

public sealed class GridTransformTests
{
    private static readonly byte[] Square = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public void Apply_AllEight_GiveEightDifferentGrids()
    {
        var grids = All().Select(Applied).ToArray();

        Assert.Equal(8, grids.Select(grid => string.Join(' ', grid)).Distinct().Count());
        Assert.All(grids, grid => Assert.Equal(Square, grid.Order()));
        Assert.All(grids, grid => Assert.Equal(5, grid[4]));
    }

    [Theory]
    [InlineData(false, false, false, "1 2 3 4 5 6 7 8 9")]
    [InlineData(true, false, false, "7 8 9 4 5 6 1 2 3")]
    [InlineData(false, true, false, "3 2 1 6 5 4 9 8 7")]
    [InlineData(true, true, false, "9 8 7 6 5 4 3 2 1")]
    [InlineData(false, false, true, "1 4 7 2 5 8 3 6 9")]
    [InlineData(true, false, true, "3 6 9 2 5 8 1 4 7")]
    [InlineData(false, true, true, "7 4 1 8 5 2 9 6 3")]
    [InlineData(true, true, true, "9 6 3 8 5 2 7 4 1")]
    public void Apply_Square_FlipsAndTurns(bool rows, bool columns, bool transpose, string expected) =>
        Assert.Equal(expected, string.Join(' ', Applied(new GridTransform(rows, columns, transpose))));

    [Theory]
    [InlineData(true, false, "4 5 6 1 2 3")]
    [InlineData(false, true, "3 2 1 6 5 4")]
    [InlineData(true, true, "6 5 4 3 2 1")]
    public void Apply_NotSquare_Flips(bool rows, bool columns, string expected)
    {
        var target = new byte[6];

        new GridTransform(rows, columns, Transpose: false).Apply([1, 2, 3, 4, 5, 6], target, height: 2, width: 3);

        Assert.Equal(expected, string.Join(' ', target));
    }

    private static IEnumerable<GridTransform> All() =>
        from rows in new[] { false, true } from columns in new[] { false, true } from transpose in new[] { false, true } select new GridTransform(rows, columns, transpose);

    private static byte[] Applied(GridTransform transform)
    {
        var target = new byte[9];
        transform.Apply(Square, target, 3, 3);
        return target;
    }
}
