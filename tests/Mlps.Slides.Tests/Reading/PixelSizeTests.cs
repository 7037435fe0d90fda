using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

public sealed class PixelSizeTests
{
    [Fact]
    public void TheFilesOwnSize_IsUsed()
    {
        using var slide = new StubSource(10, 10) { Size = (0.25, 0.2502) }.Open();
        Assert.Equal(0.2501, slide.RequireMicronsPerPixel(), 6);
        Assert.Empty(slide.Warnings);
        Assert.Equal(4, slide.DownsampleAt(1.0004), 6);
    }

    [Fact]
    public void AMissingSize_IsAnErrorThatNamesTheOptions()
    {
        var source = new StubSource(10, 10) { Size = null };
        source.Said["openslide.objective-power"] = "20";
        using var slide = source.Open();
        Assert.Null(slide.MicronsPerPixel);
        var exception = Assert.Throws<SlideException>(() => slide.ReadRegionAt(0, 0, 1, 1, 0.5));
        Assert.Contains("--slide-mpp X", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--mpp-of FILE", exception.Message, StringComparison.Ordinal);
        Assert.Contains("20x, which usually means about 0.5", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(352.8)]
    [InlineData(0.001)]
    public void AnAbsurdSize_IsSaidAndNotUsed(double size)
    {
        using var slide = new StubSource(10, 10) { Size = (size, size) }.Open();
        Assert.Null(slide.MicronsPerPixel);
        Assert.Contains(PixelSize.Number(size), Assert.Single(slide.Warnings), StringComparison.Ordinal);
        Assert.Contains(PixelSize.Number(size), Assert.Throws<SlideException>(() => slide.RequireMicronsPerPixel()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PixelsThatAreNoSquares_AreSaid()
    {
        using var slide = new StubSource(10, 10) { Size = (0.5, 0.53) }.Open();
        Assert.Contains("0.53 µm high", Assert.Single(slide.Warnings), StringComparison.Ordinal);
        Assert.Equal(0.515, slide.MicronsPerPixel!.Value, 6);
    }

    [Fact]
    public void AGivenSize_IsUsed_AndSaidWhereTheFileSaysAnother()
    {
        using var missing = new StubSource(10, 10) { Size = null }.Open(new SlideOptions { MicronsPerPixel = 0.4 });
        Assert.Equal(0.4, missing.MicronsPerPixel);
        Assert.Empty(missing.Warnings);
        using var other = new StubSource(10, 10).Open(new SlideOptions { MicronsPerPixel = 0.25 });
        Assert.Equal(0.25, other.MicronsPerPixel);
        Assert.Contains("although the file says 0.5 µm", Assert.Single(other.Warnings), StringComparison.Ordinal);
        using var absurd = new StubSource(10, 10) { Size = null }.Open(new SlideOptions { MicronsPerPixel = 100 });
        Assert.Equal(100, absurd.MicronsPerPixel);
        Assert.Single(absurd.Warnings);
    }

    [Fact]
    public void TheTable_CountsBeforeTheSizeForAll()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("mpp.csv");
        File.WriteAllText(file, "\uFEFFslide,mpp,comment\r\nstub,0.21,\"a, b\"\r\n\r\n\"sub/c,d.svs\",0.3,\r\n");
        var table = MppTable.Read(file);
        using var slide = new StubSource(10, 10) { Size = null }.Open(new SlideOptions { MicronsPerPixel = 0.4, MicronsPerPixelOf = table });
        Assert.Equal(0.21, slide.MicronsPerPixel);
        Assert.Equal(0.3, table.Find("/slides/sub/c,d.svs"));
        Assert.Null(table.Find("/slides/c,d.svs"));
        Assert.Null(table.Find("/slides/stub2.svs"));
        Assert.Equal(["stub", "sub/c,d.svs"], table.NamesOfNone(["/slides/stub2.svs", "/slides/c,d.svs"]));
        Assert.Empty(table.NamesOfNone(["/slides/stub.svs", "/slides/sub/c,d.svs"]));
    }

    [Theory]
    [InlineData("name,mpp\na,1", "slide and mpp")]
    [InlineData("slide,mpp\na.svs", "Line 2")]
    [InlineData("slide,mpp\na.svs,x", "'x' is no number")]
    [InlineData("slide;mpp\na.svs;0,25", "'0,25' is no number")]
    [InlineData("slide,mpp\na.svs,0", "'0' is no number")]
    [InlineData("slide,mpp\na,0.5\na,0.6", "0.6 here and 0.5 before")]
    [InlineData("", "slide and mpp")]
    public void ATableThatIsNone_NamesTheLine(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("mpp.csv");
        File.WriteAllText(file, text);
        Assert.Contains(expected, Assert.Throws<SlideException>(() => MppTable.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingTable_SaysSo() => Assert.Contains("cannot be read", Assert.Throws<SlideException>(() => MppTable.Read("/nowhere/mpp.csv")).Message, StringComparison.Ordinal);
}
