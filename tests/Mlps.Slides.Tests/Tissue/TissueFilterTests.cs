using Xunit;

namespace Mlps.Slides.Tests.Tissue;

public sealed class TissueFilterTests
{
    private const int Width = 37, Height = 23;

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1)]
    public void Median_IsTheMiddleOfTheWindow(int size)
    {
        var values = Values(5);
        var medians = TissueFilter.Median(values, Width, Height, size);
        for (var i = 0; i < values.Length; i++)
        {
            var window = from y in Enumerable.Range((i / Width) - (size / 2), size)
                         from x in Enumerable.Range((i % Width) - (size / 2), size)
                         select values[(Math.Clamp(y, 0, Height - 1) * Width) + Math.Clamp(x, 0, Width - 1)];
            Assert.Equal(window.Order().ElementAt(size * size / 2), medians[i]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    public void Close_FillsWhatTheSquareDoesNotFitInto_AndNeverTakesAway(int size)
    {
        bool[] mask = [.. Values(9).Select(value => value > 210)];
        var closed = TissueFilter.Close((bool[])mask.Clone(), Width, Height, size);
        bool In(int x, int y) => x is >= 0 and < Width && y is >= 0 and < Height;

        // A pixel stays open if and only if some square over it holds no pixel of the mask; squares may reach beyond the border.
        for (var i = 0; i < mask.Length; i++)
        {
            var (x, y) = (i % Width, i / Width);
            var isOpen = (from top in Enumerable.Range(y - size + 1, size)
                          from left in Enumerable.Range(x - size + 1, size)
                          select (from row in Enumerable.Range(top, size)
                                  from column in Enumerable.Range(left, size)
                                  where In(column, row) && mask[(row * Width) + column]
                                  select row).Any()).Any(holdsMask => !holdsMask);
            if (mask[i] || AwayFromBorder(x, y, size))
            {
                Assert.Equal(!isOpen, closed[i]);
            }
        }
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(Width - 5, 10)]
    [InlineData(10, Height - 5)]
    [InlineData(0, 0)]
    public void Close_KeepsTissueAtTheBorder(int left, int top)
    {
        var mask = new bool[Width * Height];
        for (var i = 0; i < 25; i++)
        {
            mask[((top + (i / 5)) * Width) + left + (i % 5)] = true;
        }

        Assert.Equal(mask, TissueFilter.Close((bool[])mask.Clone(), Width, Height, 6));
    }

    [Fact]
    public void SmallObjects_AreRemoved_AndSmallHolesFilled()
    {
        const string Before = """
            ..........##
            .#####....##
            .#...#......
            .#.#.#..#...
            .#...#.#....
            .#####......
            .......###..
            .......#.#..
            .......###..
            """;
        var rows = Before.Split('\n');
        bool[] mask = [.. rows.SelectMany(row => row.Trim().Select(letter => letter == '#'))];
        TissueFilter.RemoveObjects(mask, 12, 9, 3);
        TissueFilter.FillHoles(mask, 12, 9, 8);
        var after = string.Join('\n', mask.Chunk(12).Select(row => new string([.. row.Select(tissue => tissue ? '#' : '.')])));
        Assert.Equal(
            """
            ..........##
            .#####....##
            .#...#......
            .#...#......
            .#...#......
            .#####......
            .......###..
            .......###..
            .......###..
            """.ReplaceLineEndings("\n"),
            after);
    }

    [Fact]
    public void Saturation_IsThatOfHsv()
    {
        byte[] rgb = [255, 255, 255, 200, 100, 100, 0, 0, 0, 10, 0, 0, 100, 100, 50];
        Assert.Equal([0, 128, 0, 0, 128], TissueFilter.Saturation(rgb, 16));
        Assert.Equal(255, TissueFilter.Saturation(rgb, 0)[3]);
    }

    private static bool AwayFromBorder(int x, int y, int size) => x >= size && y >= size && x < Width - size && y < Height - size;

    private static byte[] Values(int seed)
    {
        var values = new byte[Width * Height];
        new Random(seed).NextBytes(values);
        return values;
    }
}
