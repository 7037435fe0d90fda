using SkiaSharp;
using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

public class UncertaintyPictureTests
{
    private const int Margin = 24;
    private static readonly SKColor low = new(68, 1, 84);
    private static readonly SKColor high = new(253, 231, 37);

    [Fact]
    public void Draw_AnyValues_ScaleGoesFromZeroToOne()
    {
        using var sure = Decode(UncertaintyPicture.Draw(Grey(4, 4), new float[16], new() { Opacity = 1, Scale = 1 }));
        using var unsure = Decode(UncertaintyPicture.Draw(Grey(4, 4), Enumerable.Repeat(1f, 16).ToArray(), new() { Opacity = 1, Scale = 1 }));
        using var half = Decode(UncertaintyPicture.Draw(Grey(4, 4), Enumerable.Repeat(0.5f, 16).ToArray(), new() { Opacity = 1, Scale = 1, Maximum = 0.5f }));

        Assert.Equal(low, sure.GetPixel(Margin + 1, Margin + 1));
        Assert.Equal(high, unsure.GetPixel(Margin + 1, Margin + 1));
        Assert.Equal(high, half.GetPixel(Margin + 1, Margin + 1));
    }

    [Fact]
    public void Draw_Defaults_ShowTheImageInItsSizeUnderTheColours()
    {
        var picture = UncertaintyPicture.Draw(Grey(200, 100, value: 0), new float[200 * 100]);

        using var bitmap = Decode(picture);
        Assert.Equal(100 + (2 * Margin), picture.Height);
        var pixel = bitmap.GetPixel(Margin + 50, Margin + 50);
        Assert.NotEqual(low, pixel);
        Assert.InRange(pixel.Blue, 60, 75);
    }

    [Fact]
    public void Draw_WrongNumberOfValues_NamesIt() => Assert.Contains(
        "5 values of uncertainty for an image of 4 x 4 pixels; expected one a pixel",
        Assert.Throws<ArgumentException>(() => UncertaintyPicture.Draw(Grey(4, 4), new float[5])).Message,
        StringComparison.Ordinal);
}
