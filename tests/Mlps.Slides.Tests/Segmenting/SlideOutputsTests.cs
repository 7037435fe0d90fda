using System.Security.Cryptography;
using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests;

public sealed class SlideOutputsTests
{
    [Fact]
    public void A_slide_gets_all_its_files_and_the_same_ones_again()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Blobs(700, 600, seed: 6, classes: 5);
        var slide = TestSlide.Of(mask, scale: 1.5);
        var record = Write(folder.Folder("a"), mask, slide);
        Write(folder.Folder("b"), mask, slide);
        Assert.Equal(Digests(folder.Combine("a")), Digests(folder.Combine("b")));
        string[] files = ["annotations.asap.xml", "annotations.geojson", "annotations.geojson.gz", "areas.csv", "index.html", "mask.tif", "overview.png"];
        Assert.Equal([.. files, "viewer"], Directory.GetFileSystemEntries(folder.Combine("a")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(files, record.Files.Keys);
        Assert.True((record with { ModelSha256 = "abc" }).IsFinished("abc", new Dictionary<string, string>(), folder.Combine("a")));
        Assert.Equal(700 * 600, record.Areas.Where(area => area.Name != SlideAreas.TissueName).Sum(area => area.Pixels));
    }

    [Fact]
    public void Without_a_page_there_is_none()
    {
        using var folder = new TemporaryFolder();
        var mask = ArrayMask.Parse("01", "2.");
        var slide = TestSlide.Of(mask);
        SlideOutputs.Write(folder.Path, new PaintedSlide(mask, slide), new PaintedSlide(mask, slide).Read(2, 2), mask, slide, new() { Viewer = null });
        Assert.False(File.Exists(folder.Combine("index.html")));
        Assert.False(Directory.Exists(folder.Combine("viewer")));
    }

    private static SlideRecord Write(string folder, ArrayMask mask, SlideDescription slide) =>
        SlideOutputs.Write(folder, new PaintedSlide(mask, slide), new PaintedSlide(mask, slide).Read(700, 600), mask, slide, new() { Asap = true });

    private static Dictionary<string, string> Digests(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
}
