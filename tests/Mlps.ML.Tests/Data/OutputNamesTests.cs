using System.Text;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Names of images and of what is written for them.</summary>
public sealed class OutputNamesTests
{
    private readonly OutputNames _names = new();

    [Fact]
    public void Create_DifferentNames_AreAsGiven() => Assert.Equal(["a", "b/a", "肺\r\n"], CreateAll("a", "b/a", "肺\r\n"));

    [Fact]
    public void Create_NamesThatDifferInCase_AreToldApart() => Assert.Equal(["A/x", "a/x-2", "a/X-3", "a/x-2-2"], CreateAll("A/x", "a/x", "a/X", "a/x-2"));

    [Theory]
    [InlineData("\u00E9", "e\u0301")]
    [InlineData("\u00C9/x", "e\u0301/X")]
    [InlineData("\uAC01", "\u1100\u1161\u11A8")]
    [InlineData("a\u0323\u0307", "a\u0307\u0323")]
    public void Create_NamesThatDifferInUnicodeForm_AreToldApart(string name, string other) => Assert.Equal([name, other + "-2"], CreateAll(name, other));

    [Theory]
    [InlineData('n', 251, 251)]
    [InlineData('n', 252, 251)]
    [InlineData('n', 400, 251)]
    [InlineData('é', 125, 250)]
    [InlineData('é', 126, 251)]
    [InlineData('肺', 200, 251)]
    public void Create_LongNames_FitWithExtensionAndNumber(char letter, int length, int bytes)
    {
        var name = "folder/" + new string(letter, length);

        var first = _names.Create(name, ".png");
        var second = _names.Create(name, ".png");

        Assert.InRange(Encoding.UTF8.GetByteCount(first["folder/".Length..]), bytes - 2, bytes);
        Assert.InRange(Encoding.UTF8.GetByteCount(second["folder/".Length..]), 1, 251);
        Assert.NotEqual(first, second);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(first)));
        Assert.Equal(first, new OutputNames().Create(name, ".png"));
    }

    [Fact]
    public void Create_LongNamesThatDifferAtTheirEnds_AreToldApartWithoutNumbers()
    {
        var names = CreateAll(new string('n', 300) + "1", new string('n', 300) + "2");

        Assert.Equal(2, names.Distinct().Count());
        Assert.DoesNotContain(names, name => name.EndsWith("-2", StringComparison.Ordinal));
    }

    [Fact]
    public void Create_HalfASurrogatePair_IsAName() => Assert.Equal("\ud800", _names.Create("\ud800", ".png"));

    [Fact]
    public void ImageNames_EqualButForTheExtension_KeepIt()
    {
        var names = ImageNames.Assign("/f", ["/f/a.jpg", "/f/b.png", "/f/b.jpg", "/f/b.png.bmp", "/f/b.png.bmp.webp", "/f/c/a.png", "/f/.5.png"]).Select(patch => patch.Name);

        Assert.Equal(["a", "b.png", "b.jpg", "b.png.bmp", "b.png.bmp.webp", "c/a", ".5"], names);
    }

    [Fact]
    public void ImageNames_EqualButForExtensionAndUnicodeForm_KeepTheExtension()
    {
        var names = ImageNames.Assign("/f", ["/f/\u00E9.jpg", "/f/e\u0301.png", "/f/a.png"]).Select(patch => patch.Name);

        Assert.Equal(["\u00E9.jpg", "e\u0301.png", "a"], names);
    }

    private string[] CreateAll(params string[] names) => [.. names.Select(name => _names.Create(name, ".png"))];
}
