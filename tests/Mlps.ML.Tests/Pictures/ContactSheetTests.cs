using SkiaSharp;
using Xunit;
using static Mlps.ML.Tests.Pictures.PictureTesting;

namespace Mlps.ML.Tests.Pictures;

public class ContactSheetTests
{
    private const int Tile = 64;
    private static readonly ContactSheetOptions options = new() { TileSize = Tile, MaskOpacity = 1 };

    [Theory]
    [InlineData("tumor, stroma, lymphocyte", "tumor, stroma,|lymphocyte")]
    [InlineData("patch-00007", "patch-00007")]
    public void NameLines_OfANameWithSpaces_BreakThere(string name, string lines)
    {
        using var text = new Lettering(Ink.TextSize, Ink.Text, isBold: true);

        Assert.Equal(lines.Split('|'), ContactSheet.NameLines(name, text));
    }

    [Fact]
    public void NameLines_OfALongNameWithoutSpaces_HoldAllOfItOnTwoLines()
    {
        using var text = new Lettering(Ink.TextSize, Ink.Text, isBold: true);

        var lines = ContactSheet.NameLines("TCGA-A1-A0SK-DX1_xmin45749", text);

        Assert.Equal(2, lines.Count);
        Assert.Equal("TCGA-A1-A0SK-DX1_xmin45749", string.Concat(lines));
    }

    [Fact]
    public void Draw_LegendShowsEveryClassColour()
    {
        // No mask anywhere: what has a class colour is the legend.
        using var bitmap = Decode(ContactSheet.Draw([Row()], Classes, options));

        Assert.Equal(14 * 14, Count(bitmap, Color(Classes.Palette[0])));
        Assert.Equal(14 * 14, Count(bitmap, Color(Classes.Palette[1])));
        Assert.Equal(14 * 14, Count(bitmap, Color(Classes.Palette[2])));
    }

    [Fact]
    public void Draw_ClassesWithoutBackground_LegendHasNone()
    {
        var classes = new TissueClasses(Classes);

        using var with = Decode(ContactSheet.Draw([Row()], Classes, options));
        using var without = Decode(ContactSheet.Draw([Row()], classes, options));

        var all = new SKRectI(0, 0, with.Width, without.Height);
        Assert.InRange(CountInk(with, new SKRectI(0, 0, with.Width, with.Height)) - CountInk(without, all), 100, 1000);
    }

    [Fact]
    public void Draw_ManyClasses_WrapsTheLegendInsideThePicture()
    {
        const int Tissues = 24;
        var classes = new TissueClasses(
            Enumerable.Range(0, Tissues).Select(c => new TissueClass($"tissue number {c}", new TissueColor((byte)(10 * c), 200, 7))));

        using var bitmap = Decode(ContactSheet.Draw([Row()], classes, options));

        for (var c = 0; c < Tissues; c++)
        {
            Assert.Equal(14 * 14, Count(bitmap, Color(classes.Palette[c])));
        }

        AssertMargins(bitmap);
    }

    [Fact]
    public void Draw_Tiles_ShowImageTruthPredictionAndPseudoMasksFromLeftToRight()
    {
        byte[] gland = new byte[32 * 32], stroma = Halves(32, 32, 1, 1), background = Halves(32, 32, 2, 2), both = Halves(32, 32, 0, 1);
        var row = Row() with { Truth = gland, Prediction = stroma, PseudoMasks = [background, both, stroma] };

        using var bitmap = Decode(ContactSheet.Draw([row], Classes, options));

        SKColor[] seen = [.. Enumerable.Range(0, 6).Select(column => TilePixel(bitmap, column, columns: 6, x: 50))];
        SKColor red = Color(Classes.Palette[0]), blue = Color(Classes.Palette[1]), white = Color(Classes.Palette[2]);
        Assert.Equal([new SKColor(128, 128, 128), red, blue, white, blue, blue], seen);
        Assert.Equal(red, TilePixel(bitmap, 4, columns: 6, x: 10));
    }

    [Fact]
    public void Draw_ColumnsThatAreEmptyInEveryRow_AreLeftOut()
    {
        var imageOnly = ContactSheet.Draw([Row()], Classes, options);
        var full = ContactSheet.Draw(
            [Row() with { Truth = new byte[32 * 32], Prediction = new byte[32 * 32], PseudoMasks = [null, new byte[32 * 32]] }, Row()], Classes, options);

        // Truth, prediction, and the one pseudo mask that occurs.
        Assert.Equal(3 * (Tile + 10), full.Width - imageOnly.Width);
    }

    [Fact]
    public void Draw_Scores_StandBesideTheRow()
    {
        var unscored = Row() with { Truth = new byte[32 * 32] };
        var scored = unscored with { Prediction = new byte[32 * 32] };

        using var without = Decode(ContactSheet.Draw([unscored], Classes, options));
        using var with = Decode(ContactSheet.Draw([scored], Classes, options));

        var caption = new SKRectI(0, without.Height - 24 - Tile, 200, without.Height);
        Assert.InRange(CountInk(with, caption) - CountInk(without, caption), 150, 3000);
        Assert.InRange(Count(with, Color(Classes.Palette[0]), caption), 100, 200);    // the swatch of the class that occurs
        Assert.Equal(0, Count(with, Color(Classes.Palette[1]), caption));
    }

    [Fact]
    public void Draw_ImagesOfDifferentShape_KeepTheirProportions()
    {
        var square = ContactSheet.Draw([Row()], Classes, options);
        var tall = ContactSheet.Draw([Row() with { Image = Grey(20, 40) }], Classes, options);

        Assert.Equal(square.Width, tall.Width);
        Assert.Equal(square.Height, tall.Height);
        using var bitmap = Decode(tall);
        Assert.Equal(Tile / 2 * Tile, Count(bitmap, new SKColor(128, 128, 128)));
    }

    [Fact]
    public void Draw_RowsAndTitle_MakeThePictureTaller()
    {
        var one = ContactSheet.Draw([Row()], Classes, options).Height;
        var three = ContactSheet.Draw([Row(), Row(), Row()], Classes, options).Height;
        var titled = ContactSheet.Draw([Row()], Classes, options with { Title = "test" }).Height;

        Assert.Equal(2 * (Tile + 10), three - one);
        Assert.InRange(titled - one, 20, 50);
    }

    [Fact]
    public void Draw_LongNamesAndTitles_StayInsideTheMargins()
    {
        var classes = new TissueClasses([new(new string('m', 300), new(1, 2, 3)), new("b", new(4, 5, 6))]);
        var row = Row() with { Name = new string('W', 300), Truth = new byte[32 * 32], Prediction = new byte[32 * 32] };

        using var bitmap = Decode(ContactSheet.Draw([row], classes, options with { Title = new string('W', 300) }));

        AssertMargins(bitmap);
    }

    [Fact]
    public void Draw_NoRows_IsAnError() =>
        Assert.Contains("at least one row", Assert.Throws<ArgumentException>(() => ContactSheet.Draw([], Classes)).Message, StringComparison.Ordinal);

    [Fact]
    public void Draw_MaskOfAnotherSize_NamesRowAndMask()
    {
        var row = Row() with { PseudoMasks = [new byte[7]] };

        var error = Assert.Throws<ArgumentException>(() => ContactSheet.Draw([row], Classes));

        Assert.Contains("Row 'patch', pseudo mask b4_5: The mask has 7 pixels; an image of 32 x 32 needs 1024", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_MorePseudoMasksThanHeaders_IsAnError()
    {
        var row = Row() with { PseudoMasks = [null, null, null, null] };
        var error = Assert.Throws<ArgumentException>(() => ContactSheet.Draw([row], Classes));
        Assert.Contains("4 pseudo masks and there are 3 headers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_MoreRowsThanAPictureHolds_SaysSo()
    {
        ContactSheetRow[] rows = [.. Enumerable.Repeat(Row(), 500)];
        var error = Assert.Throws<ArgumentException>(() => ContactSheet.Draw(rows, Classes, options));
        Assert.Contains("500 rows", error.Message, StringComparison.Ordinal);
    }

    private static ContactSheetRow Row() => new() { Name = "patch", Image = Grey(32, 32) };

    private static SKColor TilePixel(SKBitmap bitmap, int column, int columns, int x) =>
        bitmap.GetPixel(bitmap.Width - 24 - ((columns - column) * (Tile + 10)) + 10 + x, bitmap.Height - 24 - (Tile / 2));

    private static void AssertMargins(SKBitmap bitmap)
    {
        const int Margin = 22;   // frames reach one pixel outside what they frame
        Assert.Equal(Margin * bitmap.Height, Count(bitmap, SKColors.White, new SKRectI(0, 0, Margin, bitmap.Height)));
        Assert.Equal(Margin * bitmap.Height, Count(bitmap, SKColors.White, new SKRectI(bitmap.Width - Margin, 0, bitmap.Width, bitmap.Height)));
        Assert.Equal(Margin * bitmap.Width, Count(bitmap, SKColors.White, new SKRectI(0, bitmap.Height - Margin, bitmap.Width, bitmap.Height)));
    }
}
