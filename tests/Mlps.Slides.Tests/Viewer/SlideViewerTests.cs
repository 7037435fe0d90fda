using Mlps.ML;
using Mlps.Testing;
using SkiaSharp;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class SlideViewerTests
{
    /// <summary>Layers are drawn: the slide's and all classes' tiles in sight are there.</summary>
    private const string Loaded = "typeof viewer !== 'undefined' && state.layers.filter(Boolean).length === data.classes.length && viewer.world.getItemCount() === data.classes.length + 1 && [...Array(viewer.world.getItemCount()).keys()].every(i => viewer.world.getItemAt(i).getFullyLoaded())";

    [Fact]
    public void Tiles_hold_the_slide_and_each_class()
    {
        using var folder = new TemporaryFolder();
        var (mask, slide) = Slide(1500, 1100);
        Write(folder.Path, mask, slide);

        // Mask at 0.5 µm, page at 1 µm: 750 x 550, two tiles a side, and one level above.
        Assert.Equal(["0", "1"], Names(folder.Combine("viewer", "slide")));
        Assert.Equal(["0_0.jpg", "0_1.jpg", "1_0.jpg", "1_1.jpg"], Names(folder.Combine("viewer", "slide", "1")));
        using var corner = SKBitmap.Decode(folder.Combine("viewer", "slide", "1", "1_1.jpg"));
        Assert.Equal((750 - 512, 550 - 512), (corner.Width, corner.Height));
        var half = new byte[750 * 550];
        for (var y = 0; y < 550; y++)
        {
            ClassHalving.HalveRow(mask.Classes.AsSpan(2 * y * 1500, 1500), mask.Classes.AsSpan(((2 * y) + 1) * 1500, 1500), half.AsSpan(y * 750));
        }

        for (var index = 0; index < slide.Classes.Count; index++)
        {
            for (var tile = 0; tile < 4; tile++)
            {
                var (left, top) = (tile % 2 * 512, tile / 2 * 512);
                var (width, height) = (Math.Min(512, 750 - left), Math.Min(512, 550 - top));
                var expected = Enumerable.Range(0, width * height).Select(i => half[((top + (i / width)) * 750) + left + (i % width)] == index).ToArray();
                var path = folder.Combine("viewer", $"class-{index}", "1", $"{tile % 2}_{tile / 2}.png");
                Assert.Equal(expected.Any(isClass => isClass), File.Exists(path));
                if (File.Exists(path))
                {
                    using var picture = SKBitmap.Decode(path);
                    Assert.Equal((width, height), (picture.Width, picture.Height));
                    var color = slide.Classes[index].Color;
                    Assert.Equal(expected, picture.Pixels.Select(pixel => pixel.Alpha == 255 && (pixel.Red, pixel.Green, pixel.Blue) == (color.Red, color.Green, color.Blue)));
                    Assert.All(picture.Pixels, pixel => Assert.True(pixel.Alpha is 0 or 255));
                }
            }
        }
    }

    [Fact]
    public void Written_again_all_bytes_are_the_same_and_nothing_else_is_left()
    {
        using var folder = new TemporaryFolder();
        var (mask, slide) = Slide(700, 600);
        Write(folder.Folder("a"), mask, slide);
        var first = Files(folder.Combine("a"));
        Write(folder.Combine("a"), mask, slide);
        Assert.Equal(first, Files(folder.Combine("a")));
        Assert.Equal(["index.html", "viewer"], Names(folder.Combine("a")));
    }

    [Fact]
    public void Cancelled_nothing_is_left()
    {
        using var folder = new TemporaryFolder();
        var (mask, slide) = Slide(70, 60);
        Assert.ThrowsAny<OperationCanceledException>(() => SlideViewer.Write(folder.Path, new PaintedSlide(mask, slide), mask, slide, SlideAreas.Count(mask, slide), cancellation: new CancellationToken(canceled: true)));
        Assert.Empty(Names(folder.Path));
    }

    [Fact]
    public void A_slide_that_is_damaged_and_a_tile_that_cannot_be_written_are_said_as_such()
    {
        using var folder = new TemporaryFolder();
        var (mask, slide) = Slide(1500, 1100);

        var damaged = Assert.Throws<SlideException>(() => Write(new Pixels((x, _) => _ = x > 500 ? throw new SlideException("damaged at the right") : x)));
        Assert.Equal("damaged at the right", damaged.Message);
        Assert.Throws<DirectoryNotFoundException>(() => Write(new Pixels((_, _) => Array.ForEach(Directory.GetDirectories(folder.Path), made => Directory.Delete(made, recursive: true)))));
        Assert.Empty(Names(folder.Path));

        void Write(ISlidePixels pixels) => SlideViewer.Write(folder.Path, pixels, mask, slide, SlideAreas.Count(mask, slide));
    }

    [Fact]
    public void Names_cannot_end_the_script()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("01");
        var classes = new TissueClasses([new("</script><b>", new(1, 2, 3)), new("<!--", new(4, 5, 6))]);
        Write(folder.Path, mask, TestSlide.Of(mask, classes: classes) with { Name = "</script>" });
        var page = File.ReadAllText(folder.Combine("index.html"));
        Assert.Equal(2, page.Split("</script>").Length - 1);
        Assert.DoesNotContain("/*DATA*/", page, StringComparison.Ordinal);
    }

    [ToolFact("chromium")]
    public async Task The_page_shows_the_mask_and_switches_hide_classes()
    {
        using var folder = new TemporaryFolder();
        var (mask, slide) = Slide(3000, 2200);
        Write(folder.Path, mask, slide);
        using var browser = await Browser.OpenAsync(folder.Combine("index.html"));
        await browser.WaitForAsync(Loaded);
        Assert.Equal("slide", (string?)await browser.EvaluateAsync("document.title"));
        await browser.EvaluateAsync("setOpacity(100)");
        var all = await LookAsync(browser, "all");
        Assert.All(slide.Classes.Where((_, index) => index != 1), tissue => Assert.True(Count(all, tissue.Color) > 5000, tissue.Name));

        await browser.EvaluateAsync("document.getElementById('class-0').click()");
        var without = await LookAsync(browser, "without-first");
        Assert.True(Count(without, slide.Classes[0].Color) < 400);
        Assert.InRange(Count(without, slide.Classes[3].Color), Count(all, slide.Classes[3].Color) * 0.95, Count(all, slide.Classes[3].Color) * 1.05);

        // Keys: the class again, less of the mask, none of it.
        await browser.PressAsync("1");
        Assert.True(Count(await LookAsync(browser, "again"), slide.Classes[0].Color) > 5000);
        await browser.PressAsync(" ");
        Assert.All(slide.Classes, tissue => Assert.True(Count(Screen(browser), tissue.Color) < 400));
        await browser.PressAsync(" ");
        await browser.EvaluateAsync("setOpacity(50)");
        await browser.EvaluateAsync("void viewer.viewport.zoomTo(6, undefined, true)");
        await browser.WaitForAsync(Loaded);
        await LookAsync(browser, "near");
        await browser.PreferAsync("dark");
        await browser.EvaluateAsync("void viewer.viewport.goHome(true)");
        await browser.WaitForAsync(Loaded);
        await LookAsync(browser, "dark");
        Assert.Equal("dark", (string?)await browser.EvaluateAsync("document.documentElement.dataset.theme"));
        await browser.PressAsync("t");
        Assert.Equal("light", (string?)await browser.EvaluateAsync("document.documentElement.dataset.theme"));
        Assert.Empty(browser.Complaints);
    }

    private static SKBitmap Screen(Browser browser) => SKBitmap.Decode(browser.ScreenshotAsync().GetAwaiter().GetResult());

    private static async Task<SKBitmap> LookAsync(Browser browser, string name)
    {
        var png = await browser.ScreenshotAsync();
        if (Environment.GetEnvironmentVariable("MLPS_LOOK") is { } look)
        {
            await File.WriteAllBytesAsync(Path.Combine(look, $"page-{name}.png"), png);
        }

        return SKBitmap.Decode(png);
    }

    private static int Count(SKBitmap picture, TissueColor color) =>
        picture.Pixels.Count(pixel => Math.Abs(pixel.Red - color.Red) + Math.Abs(pixel.Green - color.Green) + Math.Abs(pixel.Blue - color.Blue) < 12);

    private static (ArrayMask Mask, SlideDescription Slide) Slide(int width, int height)
    {
        var mask = ArrayMask.Create(width, height, (x, y) =>
        {
            var wave = Math.Sin(x / 160.0) + Math.Cos(y / 147.0) + Math.Sin((x + y) / 330.0);
            return wave > 1.6 || x < 40 ? MaskValue.NotLookedAt : wave > 0.7 ? (byte)0 : wave > -0.5 ? (byte)3 : wave > -1.4 ? (byte)2 : (byte)4;
        });
        return (mask, TestSlide.Of(mask));
    }

    private static void Write(string folder, ArrayMask mask, SlideDescription slide) =>
        SlideViewer.Write(folder, new PaintedSlide(mask, slide), mask, slide, SlideAreas.Count(mask, slide));

    private static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    /// <summary>White pixels, and something that happens when they are read, in one place at a time.</summary>
    private sealed class Pixels(Action<double, double> happens) : ISlidePixels
    {
        private readonly Lock _lock = new();

        public void ReadRegion(double x, double y, int width, int height, double downsample, Span<byte> pixels)
        {
            lock (_lock)
            {
                happens(x, y);
            }

            pixels.Fill(byte.MaxValue);
        }
    }
}
