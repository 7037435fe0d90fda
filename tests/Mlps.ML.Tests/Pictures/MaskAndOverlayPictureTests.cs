using SkiaSharp;
using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

public class MaskAndOverlayPictureTests
{
    [Fact]
    public void MaskPicture_PaintsEachIndexInItsColour()
    {
        using var bitmap = Decode(MaskPicture.Draw([0, 1, 2, 1, 0, 0], 3, 2, Classes));

        Assert.Equal((3, 2), (bitmap.Width, bitmap.Height));
        Assert.Equal(new SKColor(200, 40, 40), bitmap.GetPixel(0, 0));
        Assert.Equal(new SKColor(40, 80, 220), bitmap.GetPixel(1, 0));
        Assert.Equal(new SKColor(250, 250, 210), bitmap.GetPixel(2, 0));
        Assert.Equal(new SKColor(40, 80, 220), bitmap.GetPixel(0, 1));
        Assert.Equal(new SKColor(200, 40, 40), bitmap.GetPixel(2, 1));
    }

    [Fact]
    public void MaskPicture_Scaled_TurnsEachPixelIntoASquare()
    {
        using var bitmap = Decode(MaskPicture.Draw([0, 1, 2, 1, 0, 0], 3, 2, Classes, scale: 5));

        Assert.Equal((15, 10), (bitmap.Width, bitmap.Height));
        Assert.Equal(3 * 25, Count(bitmap, Color(Classes.Palette[0])));
        Assert.Equal(25, Count(bitmap, Color(Classes.Palette[2]), new SKRectI(10, 0, 15, 5)));
    }

    [Fact]
    public void MaskPicture_IndexWithoutAColour_NamesThePixel()
    {
        var error = Assert.Throws<ArgumentException>(() => MaskPicture.Draw([0, 0, 0, 0, 3, 0], 3, 2, Classes));
        Assert.Contains("Pixel (1, 1) of the mask has class index 3; expected 0 to 1, or 2 for background", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MaskPicture_WrongSize_NamesBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => MaskPicture.Draw(new byte[5], 3, 2, Classes));
        Assert.Contains("5 pixels; an image of 3 x 2 needs 6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlay_TintsTheInsideAndDrawsTheBorderSolid()
    {
        using var bitmap = Decode(OverlayPicture.Draw(
            Grey(20, 10), Halves(20, 10, 0, 1), Classes, new() { Opacity = 0.5, ContourWidth = 1, Scale = 1 }));

        Assert.Equal(new SKColor(164, 84, 84), bitmap.GetPixel(3, 5));
        Assert.Equal(Color(Classes.Palette[0]), bitmap.GetPixel(9, 5));
        Assert.Equal(Color(Classes.Palette[1]), bitmap.GetPixel(10, 5));
        Assert.Equal(new SKColor(84, 104, 174), bitmap.GetPixel(15, 5));
        Assert.Equal(10, Count(bitmap, Color(Classes.Palette[0])));
        Assert.Equal(10, Count(bitmap, Color(Classes.Palette[1])));
    }

    [Fact]
    public void Overlay_Enlarged_KeepsContoursThin()
    {
        using var bitmap = Decode(OverlayPicture.Draw(Grey(20, 10), Halves(20, 10, 0, 1), Classes, new() { Scale = 4, ContourWidth = 2 }));

        Assert.Equal((80, 40), (bitmap.Width, bitmap.Height));
        Assert.Equal(2 * 40, Count(bitmap, Color(Classes.Palette[0])));
    }

    [Fact]
    public void Overlay_HorizontalBorder_IsDrawnToo()
    {
        byte[] mask = [.. Enumerable.Range(0, 36).Select(i => (byte)(i < 18 ? 0 : 1))];

        using var bitmap = Decode(OverlayPicture.Draw(Grey(6, 6), mask, Classes, new() { Scale = 1 }));

        Assert.Equal(6, Count(bitmap, Color(Classes.Palette[0]), new SKRectI(0, 2, 6, 3)));
        Assert.Equal(6, Count(bitmap, Color(Classes.Palette[1]), new SKRectI(0, 3, 6, 4)));
    }

    [Fact]
    public void Overlay_Background_LeavesTheImageAsItIs()
    {
        using var bitmap = Decode(OverlayPicture.Draw(Grey(20, 10), Halves(20, 10, 0, 2), Classes, new() { Scale = 1 }));

        Assert.Equal(100, Count(bitmap, new SKColor(128, 128, 128)));
    }

    [Fact]
    public void Overlay_NoContour_HasNoSolidPixel()
    {
        using var bitmap = Decode(OverlayPicture.Draw(Grey(20, 10), Halves(20, 10, 0, 1), Classes, new() { ContourWidth = 0 }));

        Assert.Equal(0, Count(bitmap, Color(Classes.Palette[0])));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Overlay_OpacityOutOfRange_NamesIt(double opacity)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => OverlayPicture.Draw(Grey(2, 2), new byte[4], Classes, new() { Opacity = opacity }));
        Assert.Equal(opacity, error.ActualValue);
    }
}
