using SkiaSharp;
using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

public class HeatMapPictureTests
{
    private const int Margin = 24;
    private static readonly SKColor low = new(68, 1, 84);
    private static readonly SKColor high = new(253, 231, 37);

    [Fact]
    public void Draw_SolidMap_GoesFromTheLowToTheHighColour()
    {
        using var bitmap = Decode(HeatMapPicture.Draw(Grey(40, 40), [0, 1, 0, 1], 2, 2, new() { Opacity = 1, Scale = 1 }));

        Assert.Equal(low, bitmap.GetPixel(Margin, Margin + 20));
        Assert.Equal(high, bitmap.GetPixel(Margin + 39, Margin + 20));
        var middle = bitmap.GetPixel(Margin + 20, Margin + 20);
        Assert.InRange(middle.Green, 130, 170);
        Assert.InRange(middle.Red, 25, 45);
    }

    [Fact]
    public void Draw_MapOfSingleValuesPerPixel_PutsEachAtItsPlace()
    {
        using var bitmap = Decode(HeatMapPicture.Draw(Grey(3, 2), [0, 0, 0, 0, 5, 0], 3, 2, new() { Opacity = 1, Scale = 1 }));

        Assert.Equal(high, bitmap.GetPixel(Margin + 1, Margin + 1));
        Assert.Equal(5, Count(bitmap, low, new SKRectI(Margin, Margin, Margin + 3, Margin + 2)));
    }

    [Fact]
    public void Draw_HalfOpacity_MixesWithTheImageInGrey()
    {
        var image = new RgbImage(1, 1, [255, 0, 0]);   // luma 76

        using var bitmap = Decode(HeatMapPicture.Draw(image, [7], 1, 1, new() { Opacity = 0.5, Scale = 1 }));

        Assert.Equal(new SKColor(72, 38, 80), bitmap.GetPixel(Margin, Margin));
    }

    [Fact]
    public void Draw_FixedRange_IsIndependentOfTheMapsOwn()
    {
        using var bitmap = Decode(HeatMapPicture.Draw(
            Grey(4, 4), [2, 2, 2, 2], 2, 2, new() { Opacity = 1, Scale = 1, Minimum = 0, Maximum = 2 }));

        Assert.Equal(high, bitmap.GetPixel(Margin, Margin));
    }

    [Fact]
    public void Draw_ValueThatIsNotFinite_LeavesTheImage()
    {
        var image = new RgbImage(2, 1, [10, 200, 30, 10, 200, 30]);

        using var bitmap = Decode(HeatMapPicture.Draw(image, [float.NaN, 3], 2, 1, new() { Opacity = 1, Scale = 1 }));

        Assert.Equal(new SKColor(10, 200, 30), bitmap.GetPixel(Margin, Margin));
        Assert.Equal(low, bitmap.GetPixel(Margin + 1, Margin));
    }

    [Fact]
    public void Draw_HasAScaleBarWithBothEndsAndReadableLabels()
    {
        using var bitmap = Decode(HeatMapPicture.Draw(Grey(100, 100), [0.1f, 0.9f], 2, 1, new() { Opacity = 0, Scale = 1 }));

        var bar = new SKRectI(Margin + 100, Margin, Margin + 100 + 36, Margin + 100);
        Assert.InRange(Count(bitmap, pixel => Near(pixel, high), bar), 14, 60);
        Assert.InRange(Count(bitmap, pixel => Near(pixel, low), bar), 14, 60);
        var labels = new SKRectI(bar.Right + 6, 0, bitmap.Width, bitmap.Height);
        Assert.InRange(CountInk(bitmap, labels), 100, 3000);
        AssertEmptyMargins(bitmap);
    }

    [Fact]
    public void Draw_Title_TakesRoomAboveThePicture()
    {
        var without = HeatMapPicture.Draw(Grey(100, 100), [1, 2], 2, 1);
        var with = HeatMapPicture.Draw(Grey(100, 100), [1, 2], 2, 1, new() { Title = "gland, layer bn7" });

        using var bitmap = Decode(with);
        Assert.Equal(without.Width, with.Width);
        Assert.InRange(with.Height - without.Height, 20, 40);
        Assert.InRange(CountInk(bitmap, new SKRectI(Margin, Margin, bitmap.Width, Margin + with.Height - without.Height - 4)), 150, 3000);
        AssertEmptyMargins(bitmap);
    }

    [Fact]
    public void Draw_ConstantAndEmptyMaps_AreDrawn()
    {
        Assert.True(HeatMapPicture.Draw(Grey(8, 8), [3, 3], 2, 1).Width > 8);
        Assert.True(HeatMapPicture.Draw(Grey(8, 8), [float.NaN, float.NaN], 2, 1).Width > 8);
    }

    [Fact]
    public void Draw_WrongMapSize_NamesIt()
    {
        var error = Assert.Throws<ArgumentException>(() => HeatMapPicture.Draw(Grey(8, 8), new float[5], 3, 2));
        Assert.Contains("5 values; 2 x 3 needs 6", error.Message, StringComparison.Ordinal);
    }

    private static bool Near(SKColor a, SKColor b) =>
        Math.Abs(a.Red - b.Red) + Math.Abs(a.Green - b.Green) + Math.Abs(a.Blue - b.Blue) < 24;

    private static void AssertEmptyMargins(SKBitmap bitmap)
    {
        const int Empty = Margin / 2;
        var inside = Count(bitmap, SKColors.White, new SKRectI(bitmap.Width - Empty, 0, bitmap.Width, bitmap.Height));
        Assert.Equal(Empty * bitmap.Height, inside);
        Assert.Equal(Empty * bitmap.Width, Count(bitmap, SKColors.White, new SKRectI(0, bitmap.Height - Empty, bitmap.Width, bitmap.Height)));
    }
}
