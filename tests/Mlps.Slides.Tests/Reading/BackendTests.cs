using Mlps.ML;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

public sealed class BackendTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("picture.png")]
    [InlineData("picture.slide")]
    public void APlainImage_IsASlideOfOneLevel(string name)
    {
        var path = _folder.File(name);
        Picture.Encode(new RgbImage(600, 520, Pixels(600, 520))).Save(path);
        using var slide = Slide.Open(path);
        Assert.Equal((SlideBackend.Image, 600, 520, 1), (slide.Backend, slide.Width, slide.Height, slide.Levels.Count));
        Assert.Null(slide.MicronsPerPixel);
        Assert.Equal(Pixels(600, 520), slide.ReadRegion(0, 0, 600, 520));
        Assert.Equal((255, 255, 255), SlideTests.At(slide.ReadRegion(600, 0, 1, 1), 1, 0, 0));
    }

    [Fact]
    public void AnImageOfTooManyPixels_IsRefusedByItsHeader()
    {
        var path = _folder.File("a.png");
        Picture.Encode(new RgbImage(100, 100, Pixels(100, 100))).Save(path);
        var exception = Assert.Throws<SlideException>(() => Slide.Open(path, new SlideOptions { MaximumImagePixels = 9_999 }));
        Assert.Contains("100 x 100 pixels; at most 9999", exception.Message, StringComparison.Ordinal);
        Assert.Contains("vips tiffsave", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABackEndThatIsNamed_IsUsedOrRefused()
    {
        var image = _folder.File("a.png");
        Picture.Encode(new RgbImage(10, 10, Pixels(10, 10))).Save(image);
        var tiff = new TestTiff().Write(_folder.File("a.tif"));
        Assert.Contains("no TIFF", Refusal(image, SlideBackend.Tiff), StringComparison.Ordinal);
        Assert.Contains("no PNG, JPEG", Refusal(tiff, SlideBackend.Image), StringComparison.Ordinal);
        Assert.Contains("OpenSlide", Refusal(image, SlideBackend.OpenSlide), StringComparison.Ordinal);
        using var slide = Slide.Open(tiff, new SlideOptions { Backend = SlideBackend.Tiff });
        Assert.Equal(SlideBackend.Tiff, slide.Backend);
    }

    [Fact]
    public void AMissingOpenSlide_NamesTheWaysToInstallIt()
    {
        Assert.Null(OpenSlideLibrary.Load(["libnowhere.so.1", "/nowhere/libopenslide.so.0"]));
        foreach (var way in (string[])["apt-get install libopenslide0", "brew install openslide", "on Windows", OpenSlideLibrary.Variable])
        {
            Assert.Contains(way, OpenSlideLibrary.Installation, StringComparison.Ordinal);
        }
    }

    /// <summary>A library of that name without OpenSlide's functions is none.</summary>
    [Fact]
    public void AnotherLibrary_IsNotTakenForOpenSlide() => Assert.Null(OpenSlideLibrary.Load(["libc.so.6", "libSystem.dylib", "kernel32"]));

    [Fact]
    public void OpenSlidesBounds_AndBackground_AreRead()
    {
        Dictionary<string, string> properties = new()
        {
            ["openslide.bounds-x"] = "10",
            ["openslide.bounds-y"] = "20",
            ["openslide.bounds-width"] = "300",
            ["openslide.bounds-height"] = "400",
            ["openslide.background-color"] = "FFEEDD",
            ["openslide.mpp-x"] = "0.25",
            ["openslide.mpp-y"] = "0.26",
        };
        Assert.Equal(new SlideBounds(10, 20, 300, 400), OpenSlideProperties.Bounds(properties));
        Assert.Equal(((byte)0xFF, (byte)0xEE, (byte)0xDD), OpenSlideProperties.Background(properties));
        Assert.Equal((0.25, 0.26), OpenSlideProperties.MicronsPerPixel(properties));
        properties.Remove("openslide.bounds-y");
        Assert.Null(OpenSlideProperties.Bounds(properties));
    }

    [Fact]
    public void FilesThatAreNoSlides_AreRefusedWithTheReason()
    {
        var text = _folder.File("a.svs");
        File.WriteAllText(text, "no slide at all");
        Assert.Contains("neither a slide nor an image", Assert.Throws<SlideException>(() => Slide.Open(text)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("a.mrxs"), "no slide at all");
        Assert.Contains("OpenSlide", Assert.Throws<SlideException>(() => Slide.Open(_folder.File("a.mrxs"))).Message, StringComparison.Ordinal);

        // The file of a MIRAX slide is a JPEG, its thumbnail, which is not the slide.
        Picture.Encode(new RgbImage(64, 64, Pixels(64, 64))).Save(_folder.File("b.png"));
        using (var thumbnail = SkiaSharp.SKBitmap.Decode(_folder.File("b.png")))
        using (var jpeg = File.Create(_folder.File("b.mrxs")))
        {
            thumbnail.Encode(jpeg, SkiaSharp.SKEncodedImageFormat.Jpeg, 90);
        }

        Assert.Contains("OpenSlide", Assert.Throws<SlideException>(() => Slide.Open(_folder.File("b.mrxs"))).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<SlideException>(() => Slide.Open(_folder.Combine("c.svs"))).Message, StringComparison.Ordinal);
        Assert.Contains("a folder", Assert.Throws<SlideException>(() => Slide.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolder_ListsItsSlides_AndEverythingElseWithTheReason()
    {
        new TestTiff().Write(_folder.File("b.svs"));
        new TestTiff().Write(_folder.File("sub/a.tif"));
        Picture.Encode(new RgbImage(10, 10, Pixels(10, 10))).Save(_folder.File("c.png"));
        File.WriteAllText(_folder.File("broken.svs"), "text");
        File.WriteAllText(_folder.File("empty.ndpi"), string.Empty);
        File.WriteAllText(_folder.File("notes.txt"), "text");
        File.WriteAllText(_folder.File("z.zarr"), "text");
        File.WriteAllText(_folder.File(".hidden.svs"), "text");
        File.WriteAllText(_folder.File("m.mrxs"), "text");
        File.WriteAllText(_folder.File("m/Data0000.dat"), "text");
        new TestTiff().Write(_folder.File("out/x.tif"));

        var found = SlideFolder.Find(_folder.Path, [_folder.Combine("out")]);
        Assert.Equal(["b.svs", "c.png", "m.mrxs", "sub/a.tif"], found.Slides.Select(Relative));
        Assert.Equal(
            [
                (".hidden.svs", "It is hidden.", false),
                ("broken.svs", "Its name ends in .svs, but it is neither TIFF nor an image.", true),
                ("empty.ndpi", "Its name ends in .ndpi, but it is empty.", true),
                ("m/Data0000.dat", "It belongs to the slide m.mrxs.", false),
                ("notes.txt", "By its name it is no slide.", false),
                ("out/", "It is the result of an earlier run, or where this run writes: where this run writes.", false),
                ("z.zarr", "Files ending in .zarr are not read.", false),
            ],
            found.Others.Select(other => (Relative(other.Path), other.Reason, other.IsFault)));
        Assert.Equal([_folder.Combine("b.svs")], SlideFolder.Find(_folder.Combine("b.svs")).Slides);
        Assert.Throws<SlideException>(() => SlideFolder.Find(_folder.Combine("nowhere")));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Pixels(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = StubSource.Pattern(i % width, i / width);
        }

        return pixels;
    }

    private static string Refusal(string path, SlideBackend backend) => Assert.Throws<SlideException>(() => Slide.Open(path, new SlideOptions { Backend = backend })).Message;

    private string Relative(string path) => Path.GetRelativePath(_folder.Path, path).Replace('\\', '/') is var name && Path.EndsInDirectorySeparator(path) ? name.TrimEnd('/') + "/" : Path.GetRelativePath(_folder.Path, path);
}
