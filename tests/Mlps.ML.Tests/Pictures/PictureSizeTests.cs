using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

/// <summary>Pictures that Skia would draw wrongly, or that have no room in an array, are refused before memory is taken.</summary>
public sealed class PictureSizeTests
{
    public static TheoryData<string, string, Func<Picture>> TooLarge => new()
    {
        { "heat map", "40000 x 800", () => HeatMapPicture.Draw(Grey(50, 1), [1f], 1, 1, new() { Scale = 800 }) },
        { "heat map beyond int", "4294967296 x 2147483648", () => HeatMapPicture.Draw(Grey(4, 2), [1f], 1, 1, new() { Scale = 1 << 30 }) },
        { "heat map whose scale has no room", "32760 a side", () => HeatMapPicture.Draw(Grey(32760, 1), [1f], 1, 1, new() { Scale = 1 }) },
        { "uncertainty", "2 x 40000", () => UncertaintyPicture.Draw(Grey(1, 20000), new float[20000], new() { Scale = 2 }) },
        { "overlay", "40000 x 800", () => OverlayPicture.Draw(Grey(50, 1), new byte[50], Classes, new() { Scale = 800 }) },
        { "overlay of too many pixels", "32000 x 32000", () => OverlayPicture.Draw(Grey(2, 2), new byte[4], Classes, new() { Scale = 16000 }) },
        { "mask", "40000 x 800", () => MaskPicture.Draw(new byte[50], 50, 1, Classes, scale: 800) },
        { "mask beyond int", "4294967296 x 2147483648", () => MaskPicture.Draw(new byte[8], 4, 2, Classes, scale: 1 << 30) },
        { "activation maps in width", " x ", () => ActivationSheet.Draw(Grey(32, 32), new float[40], 1, 1, Many(40), new() { Layers = ["one"], TileSize = 1024 }) },
        { "activation maps in height", " x ", () => ActivationSheet.Draw(Grey(32, 32), new float[2000], 1, 1, Classes, new() { Layers = [.. Enumerable.Repeat("one", 1000)] }) },
    };

    [Theory]
    [MemberData(nameof(TooLarge))]
    public void Draw_LargerThanSkiaDraws_NamesTheSize(string what, string size, Func<Picture> draw)
    {
        Assert.NotEmpty(what);
        var error = Assert.Throws<ArgumentException>(draw);

        Assert.Contains(size == "32760 a side" ? "more than 32767 a side" : size, error.Message, StringComparison.Ordinal);
        Assert.Contains("pixels, more than ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Nothing is scaled and no letter is drawn: only the PNG file's own limits count.</summary>
    [Fact]
    public void Draw_LongImageInItsOwnSize_IsColouredToItsEnd()
    {
        const int Width = 40000;
        byte[] mask = [.. Enumerable.Repeat((byte)0, Width - 1), 1];

        using var overlay = Decode(OverlayPicture.Draw(Grey(Width, 1), mask, Classes, new() { Scale = 1, Opacity = 1, ContourWidth = 0 }));
        using var colours = Decode(MaskPicture.Draw(mask, Width, 1, Classes));

        Assert.Equal((Width, Width), (overlay.Width, colours.Width));
        Assert.Equal(Color(Classes.Palette[1]), overlay.GetPixel(Width - 1, 0));
        Assert.Equal(Color(Classes.Palette[1]), colours.GetPixel(Width - 1, 0));
    }

    private static TissueClasses Many(int count) => new(Enumerable.Range(0, count).Select(index => new TissueClass($"tissue {index}", new((byte)index, 1, 2))));
}
