using Xunit;

namespace Mlps.ML.Tests.Data;

public sealed class TissueClassesTests
{
    [Theory]
    [InlineData("#000000", 0, 0, 0)]
    [InlineData("#cd3333", 205, 51, 51)]
    [InlineData("#FFA500", 255, 165, 0)]
    public void Parse_Colour_RoundTrips(string text, byte red, byte green, byte blue)
    {
        var color = TissueColor.Parse(text);

        Assert.Equal(new TissueColor(red, green, blue), color);
        Assert.Equal(text.ToUpperInvariant(), color.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("CD3333")]
    [InlineData("#CD333")]
    [InlineData("#CD33333")]
    [InlineData("#CD33G3")]
    [InlineData("#+D3333")]
    public void Parse_OtherText_NamesIt(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => TissueColor.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"classes": [], "classes": [{"name": "a", "color": "#010203"}]}""")]
    [InlineData("""{"classes": [{"name": "a", "name": "b", "color": "#010203"}]}""")]
    public void FromJson_KeyTwice_IsRefused(string json) =>
        Assert.Contains("uplicate", Assert.Throws<FormatException>(() => TissueClasses.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void FromJson_NameOfMegabytes_IsRefusedAndNotPrinted()
    {
        var error = Assert.Throws<FormatException>(() => TissueClasses.FromJson($$"""{"classes": [{"name": "{{new string('x', 1_000_000)}}", "color": "#010203"}]}"""));

        Assert.InRange(error.Message.Length, 1, 500);
    }

    /// <summary>Marks are sorted when a name is composed, and nobody should wait for that with a name that is refused in any case.</summary>
    [Fact]
    public async Task FromJson_NameOfManyMarks_IsRefusedAtOnce()
    {
        var name = string.Concat(Enumerable.Repeat("\u0301\u0323", 100_000));

        var error = await Assert.ThrowsAsync<FormatException>(
            () => Task.Run(() => TissueClasses.FromJson($$"""{"classes": [{"name": "{{name}}", "color": "#010203"}]}""")).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Contains("may have 1000 characters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_DecomposedNameOfTheLongestAllowed_IsComposed()
    {
        var name = string.Concat(Enumerable.Repeat("\u03B1\u0313\u0300\u0345", 1000));

        Assert.Equal(new string('\u1F82', 1000), Assert.Single(new TissueClasses([new(name, new(1, 2, 3))])).Name);
        Assert.Throws<ArgumentException>(() => new TissueClasses([new(name + 'x', new(1, 2, 3))]));
        Assert.Throws<ArgumentException>(() => new TissueClasses([new("a", new(1, 2, 3))], new(name + 'x', TissueColor.White)));
    }

    [Fact]
    public void Presets_HaveThePublishedOrderAndColours()
    {
        Assert.Equal(["tumor epithelium", "necrosis", "lymphocyte", "tumor-associated stroma"], TissueClasses.LuadHistoSeg.Names);
        Assert.Equal([new(205, 51, 51), new(0, 255, 0), new(65, 105, 225), new(255, 165, 0), TissueColor.White], TissueClasses.LuadHistoSeg.Palette);
        Assert.Equal(["tumor", "stroma", "lymphocyte", "necrosis"], TissueClasses.BcssWsss.Names);
        Assert.Equal([new(255, 0, 0), new(0, 255, 0), new(0, 0, 255), new(153, 0, 255), TissueColor.White], TissueClasses.BcssWsss.Palette);
        Assert.NotNull(TissueClasses.LuadHistoSeg.Background);
        Assert.Null(TissueClasses.BcssWsss.Background);
    }

    [Fact]
    public void Palette_WithoutBackground_EndsInWhite()
    {
        var classes = new TissueClasses([new("a", new(1, 2, 3))]);

        Assert.Single(classes);
        Assert.Equal(1, classes.BackgroundIndex);
        Assert.Equal([new(1, 2, 3), TissueColor.White], classes.Palette);
    }

    [Fact]
    public void Equality_IsByNamesColoursOrderAndBackground()
    {
        TissueClass a = new("a", new(1, 1, 1)), b = new("b", new(2, 2, 2)), white = new("white", TissueColor.White);

        Assert.Equal(new TissueClasses([a, b], white), new TissueClasses([a, b], white));
        Assert.Equal(new TissueClasses([a, b], white).GetHashCode(), new TissueClasses([a, b], white).GetHashCode());
        Assert.NotEqual(new TissueClasses([a, b]), new TissueClasses([b, a]));
        Assert.NotEqual(new TissueClasses([a, b]), new TissueClasses([a, b], white));
        Assert.NotEqual(new TissueClasses([a]), new TissueClasses([a, b]));
        Assert.NotEqual(new TissueClasses([a]), new TissueClasses([a with { Color = new(9, 9, 9) }]));
    }

    [Fact]
    public void Constructor_RefusesTooFewTooManyAndTwins()
    {
        static TissueClass Tissue(int i) => new($"tissue {i}", new((byte)i, 1, 1));

        Assert.Equal(254, new TissueClasses(Enumerable.Range(0, 254).Select(Tissue)).Count);
        Assert.Throws<ArgumentException>(() => new TissueClasses([]));
        Assert.Throws<ArgumentException>(() => new TissueClasses(Enumerable.Range(0, 255).Select(Tissue)));
        Assert.Throws<ArgumentException>(() => new TissueClasses([Tissue(1), Tissue(2) with { Name = "tissue 1" }]));
        Assert.Throws<ArgumentException>(() => new TissueClasses([Tissue(1), Tissue(1) with { Name = "other" }]));
        Assert.Throws<ArgumentException>(() => new TissueClasses([Tissue(1)], Tissue(1) with { Color = TissueColor.White }));
        Assert.Throws<ArgumentException>(() => new TissueClasses([Tissue(1) with { Name = " " }]));
    }

    [Fact]
    public void Json_RoundTripsWithAndWithoutBackgroundAndKeepsAnyName()
    {
        var named = new TissueClasses([new("tumeur \"épithéliale\" 腫瘍", new(1, 2, 3))]);

        foreach (var classes in new[] { TissueClasses.LuadHistoSeg, TissueClasses.BcssWsss, named })
        {
            Assert.Equal(classes, TissueClasses.FromJson(classes.ToJson()));
        }
    }

    [SharedDataFact]
    public void FromJson_ReadsTheManifestsOfRealDatasets()
    {
        var glas = TissueClasses.FromJson(File.ReadAllText(Path.Combine(SharedDataFactAttribute.Folder(), "glas", "dataset.json")));

        Assert.Equal(["gland", "stroma"], glas.Names);
        Assert.Null(glas.Background);
    }
}
