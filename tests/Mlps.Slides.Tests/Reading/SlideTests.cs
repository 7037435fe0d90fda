using Xunit;

namespace Mlps.Slides.Tests.Reading;

public sealed class SlideTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(63, 1)]
    [InlineData(37, 101)]
    [InlineData(-20, -30)]
    [InlineData(250, 190)]
    public void ReadRegion_AtFullResolution_GivesThePixelsAndWhiteOutside(int x, int y)
    {
        using var slide = new StubSource(300, 200).Open();
        var rgb = slide.ReadRegion(x, y, 80, 70);
        for (var row = 0; row < 70; row++)
        {
            for (var column = 0; column < 80; column++)
            {
                var (atX, atY) = (x + column, y + row);
                var expected = atX is >= 0 and < 300 && atY is >= 0 and < 200 ? StubSource.Pattern(atX, atY) : ((byte)255, (byte)255, (byte)255);
                Assert.Equal(expected, At(rgb, 80, column, row));
            }
        }
    }

    [Theory]
    [InlineData(1.7)]
    [InlineData(1.0)]
    [InlineData(3.3)]
    [InlineData(0.6)]
    [InlineData(2.0 / 3)]
    public void TilesOfAGrid_MeetWithoutAShift(double downsample)
    {
        const int Side = 32, Tiles = 4;
        using var slide = new StubSource(500, 500).Open();
        var whole = slide.ReadRegion(10.25, 3.5, Side * Tiles, Side * Tiles, downsample);
        for (var row = 0; row < Tiles; row++)
        {
            for (var column = 0; column < Tiles; column++)
            {
                var tile = slide.ReadRegion(10.25 + (column * Side * downsample), 3.5 + (row * Side * downsample), Side, Side, downsample);
                for (var i = 0; i < Side * Side; i++)
                {
                    var (expected, actual) = (At(whole, Side * Tiles, (column * Side) + (i % Side), (row * Side) + (i / Side)), At(tile, Side, i % Side, i / Side));
                    Assert.InRange(Math.Abs(expected.Red - actual.Red) + Math.Abs(expected.Green - actual.Green) + Math.Abs(expected.Blue - actual.Blue), 0, 1);
                }
            }
        }
    }

    [Fact]
    public void Shrinking_GivesTheMeanOverEachPixelsArea()
    {
        // Red is the place in a row: the mean over [a, b) of floor(x) is known.
        using var slide = new StubSource(240, 40) { Color = static (_, x, _) => ((byte)x, 100, 0) }.Open();
        var rgb = slide.ReadRegion(0.5, 0, 60, 10, 2.5);
        for (var column = 0; column < 60; column++)
        {
            var (from, to) = (0.5 + (2.5 * column), 0.5 + (2.5 * (column + 1)));
            var sum = 0.0;
            for (var x = (int)Math.Floor(from); x < to; x++)
            {
                sum += x * (Math.Min(to, x + 1) - Math.Max(from, x));
            }

            Assert.InRange(At(rgb, 60, column, 4).Red, (sum / 2.5) - 0.51, (sum / 2.5) + 0.51);
            Assert.Equal(100, At(rgb, 60, column, 4).Green);
        }
    }

    [Fact]
    public void Shrinking_PutsAnEdgeWhereItIs()
    {
        using var slide = new StubSource(300, 20) { Color = static (_, x, _) => x < 101 ? ((byte)0, (byte)0, (byte)0) : ((byte)200, (byte)200, (byte)200) }.Open();
        var rgb = slide.ReadRegion(0, 0, 100, 1, 3);
        Assert.Equal(0, At(rgb, 100, 32, 0).Red);
        Assert.Equal(67, At(rgb, 100, 33, 0).Red);
        Assert.Equal(200, At(rgb, 100, 34, 0).Red);
    }

    [Fact]
    public void Enlarging_Interpolates()
    {
        using var slide = new StubSource(50, 20) { Color = static (_, x, _) => ((byte)(4 * x), 0, 0) }.Open();
        var rgb = slide.ReadRegion(10, 5, 20, 4, 0.5);
        Assert.Equal([39, 41, 43, 45], Enumerable.Range(0, 4).Select(column => (int)At(rgb, 20, column, 2).Red));
    }

    [Fact]
    public void TheNextFinerLevel_IsRead()
    {
        using var slide = new StubSource(640, 640, levels: 4) { Color = static (level, _, _) => ((byte)(10 * level), 0, 0) }.Open();
        Assert.Equal([1, 2, 4, 8], slide.Levels.Select(level => level.Downsample));
        byte LevelAt(double downsample) => (byte)(At(slide.ReadRegion(80, 80, 20, 20, downsample), 20, 10, 10).Red / 10);
        Assert.Equal([0, 0, 0, 1, 1, 2, 3, 3], ((double[])[0.5, 1, 1.9, 2, 3.9, 4.001, 8, 30]).Select(LevelAt));
    }

    [Theory]
    [InlineData(2220, 2967, 138, 185, 16)]
    [InlineData(46000, 32914, 11500, 8228, 4)]
    [InlineData(46000, 32914, 2875, 2057, 16)]
    [InlineData(1001, 1001, 501, 501, 2)]
    public void LevelsThatWereRounded_AreWholeNumbersSmaller(int width, int height, int levelWidth, int levelHeight, double expected) =>
        Assert.Equal((expected, expected), LevelWindow.Scale(new SourceLevel(width, height, 1, 1), new SourceLevel(levelWidth, levelHeight, 1, 1)));

    [Fact]
    public void Bounds_AreTheOriginOfCoordinates()
    {
        var bounds = new SlideBounds(96, 40, 200, 100);
        using var slide = new StubSource(400, 300, levels: 3) { Scanned = bounds }.Open();
        Assert.Equal((200, 100, bounds), (slide.Width, slide.Height, slide.Bounds));
        Assert.Equal(StubSource.Pattern(96 + 5, 40 + 7), At(slide.ReadRegion(5, 7, 1, 1), 1, 0, 0));
        Assert.Equal((255, 255, 255), At(slide.ReadRegion(-1, 0, 1, 1), 1, 0, 0));
        Assert.Equal((255, 255, 255), At(slide.ReadRegion(200, 0, 1, 1), 1, 0, 0));
        Assert.Equal(StubSource.Pattern(96 + 8, 40 + 16), At(slide.ReadRegion(8, 16, 1, 1, 4), 1, 0, 0));
        Assert.Equal([new SlideLevel(200, 100, 1), new SlideLevel(100, 50, 2), new SlideLevel(50, 25, 4)], slide.Levels);
    }

    [Fact]
    public void BoundsOutsideTheFile_AreCut()
    {
        using var slide = new StubSource(400, 300) { Scanned = new SlideBounds(300, 200, 500, 500) }.Open();
        Assert.Equal((100, 100), (slide.Width, slide.Height));
    }

    [Fact]
    public void Thumbnail_IsTheWholeSlide_AndNeverLarger()
    {
        using var slide = new StubSource(1000, 500, levels: 2).Open();
        Assert.Equal((100, 50), (slide.ReadThumbnail(100).Width, slide.ReadThumbnail(100).Height));
        Assert.Equal(1000, slide.ReadThumbnail(5000).Width);
    }

    [Fact]
    public void ManyThreads_ReadTheSame_AndEachTileIsDecodedOnce()
    {
        var source = new StubSource(1024, 1024);
        using var slide = source.Open();
        var expected = slide.ReadRegion(0, 0, 1024, 1024);
        var reads = source.Reads;
        Assert.Equal(256, reads);
        Parallel.For(0, 200, number =>
        {
            var (x, y) = (number * 37 % 900, number * 53 % 900);
            var tile = slide.ReadRegion(x, y, 100, 100);
            for (var row = 0; row < 100; row++)
            {
                Assert.True(tile.AsSpan(row * 300, 300).SequenceEqual(expected.AsSpan((((y + row) * 1024) + x) * 3, 300)));
            }
        });
        Assert.Equal(reads, source.Reads);
    }

    [Fact]
    public void WithoutCache_RegionsAreTheSame()
    {
        using var slide = new StubSource(300, 300).Open(new SlideOptions { CacheBytes = 0 });
        using var cached = new StubSource(300, 300).Open();
        Parallel.For(0, 50, number => Assert.Equal(cached.ReadRegion(number, number, 150, 150, 1.3), slide.ReadRegion(number, number, 150, 150, 1.3)));
    }

    [Fact]
    public void ADisposedSlide_SaysSo()
    {
        var slide = new StubSource(100, 100).Open();
        slide.Dispose();
        Assert.Throws<ObjectDisposedException>(() => slide.ReadRegion(0, 0, 10, 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void AScaleThatIsNone_IsRefused(double downsample)
    {
        using var slide = new StubSource(100, 100).Open();
        Assert.Throws<ArgumentOutOfRangeException>(() => slide.ReadRegion(0, 0, 10, 10, downsample));
    }

    internal static (byte Red, byte Green, byte Blue) At(byte[] rgb, int width, int x, int y) => (rgb[((y * width) + x) * 3], rgb[(((y * width) + x) * 3) + 1], rgb[(((y * width) + x) * 3) + 2]);
}
