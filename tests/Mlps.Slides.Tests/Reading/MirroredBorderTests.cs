using Xunit;

namespace Mlps.Slides.Tests.Reading;

public sealed class MirroredBorderTests
{
    [Theory]
    [InlineData(3, 2)]
    [InlineData(1, 1)]
    [InlineData(5, 4)]
    [InlineData(9, 2)]
    public void Pixels_BeyondTheBorder_AreItsMirrorImage(int columns, int rows)
    {
        const int Width = 5, Height = 4;
        var before = Enumerable.Range(0, Width * Height * 3).Select(i => (byte)i).ToArray();
        var after = before.ToArray();

        MirroredBorder.Fill(after, Width, Height, columns, rows);

        for (var i = 0; i < after.Length; i++)
        {
            var (y, x, c) = (i / (Width * 3), i / 3 % Width, i % 3);
            Assert.Equal(before[(((Mirror(y, rows) * Width) + Mirror(x, columns)) * 3) + c], after[i]);
        }
    }

    [Fact]
    public void Tiles_AtTheBorder_SeeNoWhite()
    {
        using var slide = new StubSource(100, 70) { Color = static (_, x, y) => (10, (byte)x, (byte)y) }.Open();

        using var image = slide.ReadImage(64, 32, 64, 64, 1, mirrored: true);
        using var plain = slide.ReadImage(64, 32, 64, 64);

        Assert.Equal(10, image.Pixels[^2]);
        Assert.Equal(255, plain.Pixels[^2]);
        Assert.Equal(plain.Pixels[..(36 * 4)].ToArray(), image.Pixels[..(36 * 4)].ToArray());
    }

    private static int Mirror(int place, int count)
    {
        while (place >= count)
        {
            place = place < 2 * count ? (2 * count) - 1 - place : place - (2 * count);
        }

        return place;
    }
}
