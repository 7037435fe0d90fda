using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.Slides;
using Mlps.Testing;
using Xunit;

namespace Mlps.Label.Tests.Patches;

/// <summary>What lies around a patch in its slide.</summary>
public sealed class SurroundingsTests : IDisposable
{
    private const int Side = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly SlideOptions _options = new() { MicronsPerPixel = 1 };

    [Fact]
    public void Read_PatchInsideItsSlide_IsThreeSidesWithThePatchInTheMiddle()
    {
        using var surroundings = Surroundings(("p", new PatchPlace(Slide(), 20, 10, Side, 1)));

        Assert.True(surroundings.Has("p"));
        var picture = Decode(surroundings.Read("p"));

        Assert.Equal((30, 30), (picture.Width, picture.Height));
        foreach (var (x, y) in new[] { (0, 0), (10, 10), (15, 12), (29, 29) })
        {
            Assert.Equal((10 + x, y), Place(picture, x, y));
        }
    }

    [Fact]
    public void Read_PatchOfCoarserPixels_CoversAsMuchOfTheSlide()
    {
        // A patch of 10 px at 2 µm covers 20 px of the slide.
        using var surroundings = Surroundings(("p", new PatchPlace(Slide(), 20, 20, Side, 2)));

        var picture = Decode(surroundings.Read("p"));

        Assert.Equal((30, 30), (picture.Width, picture.Height));
        var (x, y) = Place(picture, 10, 10);
        Assert.InRange(x, 20, 21);
        Assert.InRange(y, 20, 21);
        Assert.InRange(Place(picture, 0, 0).X, 0, 1);
        Assert.InRange(Place(picture, 29, 10).X, 58, 59);
    }

    [Fact]
    public void Read_PatchAtTheCorner_IsPaddedToTheSameSize()
    {
        using var surroundings = Surroundings(("p", new PatchPlace(Slide(), 0, 0, Side, 1)));

        var picture = Decode(surroundings.Read("p"));

        Assert.Equal((30, 30), (picture.Width, picture.Height));
        Assert.Equal((0, 0), Place(picture, 10, 10));
        Assert.Equal((19, 19), Place(picture, 29, 29));
    }

    [Fact]
    public void Read_TwoSlides_TakesEachPatchFromItsOwn()
    {
        using var surroundings = Surroundings(("a", new PatchPlace(Slide("a"), 20, 10, Side, 1)), ("b", new PatchPlace(Slide("b", blue: 77), 20, 10, Side, 1)));

        Assert.Equal(0, Blue(Decode(surroundings.Read("a"))));
        Assert.Equal(77, Blue(Decode(surroundings.Read("b"))));
        Assert.Equal(0, Blue(Decode(surroundings.Read("a"))));
    }

    [Fact]
    public void Has_UnknownPatchOrSlideThatIsGone_IsFalse()
    {
        using var surroundings = Surroundings(("gone", new PatchPlace(_folder.Combine("gone.png"), 0, 0, Side, 1)));

        Assert.False(surroundings.Has("gone"));
        Assert.False(surroundings.Has("unknown"));
        Assert.ThrowsAny<Exception>(() => surroundings.Read("gone"));
        Assert.Throws<KeyNotFoundException>(() => surroundings.Read("unknown"));
    }

    [Fact]
    public void ReadAll_TableOfPatches_HasTheirPlacesAndNamesFaults()
    {
        File.WriteAllText(_folder.File("patches/patches.csv"), "file,slide,x,y,size,mpp,tissue\na.png,../slides/s.svs,1.5,-2,224,0.5,1\n");
        var place = Assert.Single(PatchPlace.ReadAll(_folder.Combine("patches"))).Value;
        Assert.Equal(new PatchPlace(_folder.Combine("slides", "s.svs"), 1.5, -2, 224, 0.5), place);
        Assert.Empty(PatchPlace.ReadAll(_folder.Combine("slides")));

        File.WriteAllText(_folder.File("patches/patches.csv"), "file,slide,x,y,size,mpp\na.png,s.svs,0,0,0,0.5\n");
        Assert.Contains("Line 2: '0' is not above 0", Assert.Throws<TissueDataException>(() => PatchPlace.ReadAll(_folder.Combine("patches"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("patches/patches.csv"), "file,slide,x,y,size,mpp\na.png,s.svs,0,NaN,224,0.5\n");
        Assert.Contains("Line 2: 'NaN' is no number", Assert.Throws<TissueDataException>(() => PatchPlace.ReadAll(_folder.Combine("patches"))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Surroundings Surroundings(params (string Patch, PatchPlace Place)[] places) => new(places.ToDictionary(place => place.Patch, place => place.Place), _options);

    /// <summary>A slide of 60 x 50 px whose pixels say where they are.</summary>
    private string Slide(string name = "s", byte blue = 0)
    {
        var pixels = new byte[60 * 50 * 4];
        for (var pixel = 0; pixel < 60 * 50; pixel++)
        {
            (pixels[pixel * 4], pixels[(pixel * 4) + 1], pixels[(pixel * 4) + 2], pixels[(pixel * 4) + 3]) = (blue, (byte)(pixel / 60 * 2), (byte)(pixel % 60 * 2), 255);
        }

        using var image = MLImage.CreateFromPixels(60, 50, MLPixelFormat.Bgra32, pixels);
        image.Save(_folder.File($"slides/{name}.png"));
        return _folder.Combine("slides", $"{name}.png");
    }

    private RgbImage Decode(byte[] png)
    {
        File.WriteAllBytes(_folder.File("picture.png"), png);
        using var image = MLImage.CreateFromFile(_folder.Combine("picture.png"));
        return RgbImage.FromMLImage(image);
    }

    private static (int X, int Y) Place(RgbImage image, int x, int y)
    {
        var pixel = image.Pixels.Span.Slice(((y * image.Width) + x) * 3, 3);
        return (pixel[0] / 2, pixel[1] / 2);
    }

    private static byte Blue(RgbImage image) => image.Pixels.Span[(((15 * image.Width) + 15) * 3) + 2];
}
