using SkiaSharp;
using Xunit;

namespace Mlps.ML.Tests.Pictures;

/// <summary>Letters must appear whatever fonts the machine has, so these tests look at ink and never at shapes.</summary>
public class LetteringTests
{
    [Theory]
    [InlineData("gland")]
    [InlineData("0.73")]
    [InlineData("Ünïcode")]
    [InlineData("Некроз")]
    [InlineData("τ ≥ −1")]
    [InlineData("CD8⁺ H₂O")]
    [InlineData("Đường ruột")]
    [InlineData("Ґрунт")]
    [InlineData("リンパ球")]
    public void Draw_EveryLetterLeavesInk(string text)
    {
        using var lettering = new Lettering(20, SKColors.Black);
        foreach (var letter in text.Where(letter => letter != ' '))
        {
            Assert.True(Ink(lettering, letter.ToString()) > 0, $"'{letter}' is invisible");
        }
    }

    [Fact]
    public void Draw_DifferentLetters_LookDifferent()
    {
        using var lettering = new Lettering(20, SKColors.Black);
        int[] ink = [.. "aimW.".Select(letter => Ink(lettering, letter.ToString()))];

        Assert.Equal(ink.Length, ink.Distinct().Count());
    }

    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("U\u0308", "Ü")]
    public void Draw_LetterAndCombiningAccent_LooksLikeTheAccentedLetter(string apart, string together)
    {
        using var lettering = new Lettering(20, SKColors.Black);

        Assert.Equal(lettering.Measure(together), lettering.Measure(apart), tolerance: 0.5f);
        Assert.InRange(Ink(lettering, apart), Ink(lettering, together) * 0.7, Ink(lettering, together) * 1.3);
    }

    [Theory]
    [InlineData("gland")]
    [InlineData("gland \u6838")]
    [InlineData("\u6838 gland")]
    [InlineData("👩‍🔬")]
    [InlineData("\ud83d")]
    [InlineData("\u200d")]
    [InlineData("\n\t\0")]
    [InlineData("")]
    public void DrawAndFit_AnyText_NeverFails(string text)
    {
        using var lettering = new Lettering(20, SKColors.Black);
        using var bitmap = Drawn(lettering, text);

        Assert.InRange(lettering.Measure(text), 0, 1000);
        Assert.True(lettering.Measure(lettering.Fit(text, 30)) <= 30);
    }

    [Fact]
    public void Bold_HasMoreInk()
    {
        using var regular = new Lettering(20, SKColors.Black);
        using var bold = new Lettering(20, SKColors.Black, isBold: true);

        Assert.True(Ink(bold, "tumor") > 1.2 * Ink(regular, "tumor"));
    }

    [Fact]
    public void Measure_IsTheWidthOfTheInk()
    {
        using var lettering = new Lettering(20, SKColors.Black);
        using var bitmap = Drawn(lettering, "tumor epithelium");

        var right = Enumerable.Range(0, bitmap.Width).Last(x => Enumerable.Range(0, bitmap.Height).Any(y => bitmap.GetPixel(x, y).Red < 128));

        Assert.InRange(lettering.Measure("tumor epithelium") - right, -2, 4);
    }

    [Fact]
    public void Fit_ShortensOnlyWhatDoesNotFit()
    {
        using var lettering = new Lettering(13, SKColors.Black);
        var width = lettering.Measure("tumor epi…");

        var fitted = lettering.Fit("tumor epithelium", width);

        Assert.Equal("tumor epi…", fitted);
        Assert.Equal("tumor", lettering.Fit("tumor", lettering.Measure("tumor")));
        Assert.Equal("…", lettering.Fit("tumor", 1));
    }

    private static int Ink(Lettering lettering, string text)
    {
        using var bitmap = Drawn(lettering, text);
        return PictureTesting.CountInk(bitmap, new SKRectI(0, 0, bitmap.Width, bitmap.Height));
    }

    private static SKBitmap Drawn(Lettering lettering, string text)
    {
        var bitmap = new SKBitmap(400, 40);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        lettering.DrawCentered(canvas, text, 0, 20);
        return bitmap;
    }
}
