using SkiaSharp;
using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

public class ActivationSheetTests
{
    private const int Tile = 96;
    private const int Left = 24 + 64;
    private static readonly SKColor low = new(68, 1, 84);
    private static readonly SKColor high = new(253, 231, 37);
    private static readonly ActivationSheetOptions options = new() { Layers = ["first", "last"], TileSize = Tile, Opacity = 1 };

    [Fact]
    public void Draw_ConstantMaps_ShareAScaleWithinTheirLayerOnly()
    {
        // Layers [1, 5] and [9, 7], one value a map: low and high are those of each layer.
        using var bitmap = Decode(ActivationSheet.Draw(Grey(32, 32), [1, 5, 9, 7], 1, 1, Classes, options));

        Assert.Equal(new SKColor(128, 128, 128), Pixel(bitmap, layer: 0, column: 0));
        Assert.Equal([low, high], [Pixel(bitmap, 0, 1), Pixel(bitmap, 0, 2)]);
        Assert.Equal([high, low], [Pixel(bitmap, 1, 1), Pixel(bitmap, 1, 2)]);
    }

    [Fact]
    public void Draw_EachLayer_HasAScaleBarAndLabelsInsideTheMargins()
    {
        using var bitmap = Decode(ActivationSheet.Draw(
            Grey(32, 32), [-1000.5f, 5, 9e-6f, 7e-6f], 1, 1, Classes, options with { Title = new string('W', 200) }));

        var barLeft = Left + (3 * (Tile + 10));
        for (var layer = 0; layer < 2; layer++)
        {
            var top = bitmap.Height - 24 - ((2 - layer) * (Tile + 10)) + 10;
            Assert.InRange(CountInk(bitmap, new SKRectI(barLeft + 24, top, bitmap.Width, top + Tile)), 100, 3000);
        }

        const int Margin = 22;
        Assert.Equal(Margin * bitmap.Height, Count(bitmap, SKColors.White, new SKRectI(bitmap.Width - Margin, 0, bitmap.Width, bitmap.Height)));
    }

    [Fact]
    public void Draw_WrongNumberOfValues_NamesTheShape()
    {
        var error = Assert.Throws<ArgumentException>(() => ActivationSheet.Draw(Grey(8, 8), new float[7], 1, 1, Classes));
        Assert.Contains("7 values; 3 layers x 2 classes x 1 x 1 need 6", error.Message, StringComparison.Ordinal);
    }

    private static SKColor Pixel(SKBitmap bitmap, int layer, int column) =>
        bitmap.GetPixel(Left + (column * (Tile + 10)) + 40, bitmap.Height - 24 - ((2 - layer) * (Tile + 10)) + 10 + 40);
}
