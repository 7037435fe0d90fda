using Mlps.Testing;
using Xunit;

namespace Mlps.Slides.Tests.Reading;

public sealed class SlideItemTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_AreThePathsBelowTheFolder()
    {
        Slides("b.tif", "one/a.tif", "two/deep/a.tif", "two/x.ome.tif");

        Assert.Equal(["b", "one-a", "two-deep-a", "two-x.ome"], Names("slides"));
        Assert.Equal(["a", "b"], SlideItem.Of([SlideFolder.Find(_folder.Combine("slides", "one", "a.tif")), SlideFolder.Find(_folder.Combine("slides", "b.tif"))]).Select(item => item.Name));
    }

    /// <summary>Results of labelled or finished slides must not move.</summary>
    [Fact]
    public void ASlideThatIsAdded_ChangesNoOtherName()
    {
        Slides("b/slide.tif", "c.tif");
        var before = Items("slides").ToDictionary(item => item.Path, item => item.Name);

        Slides("a/slide.tif", "slide.tif", "0.tif", "c/slide.tif");

        var after = Items("slides").ToDictionary(item => item.Path, item => item.Name);
        Assert.Equal(6, after.Values.Distinct().Count());
        Assert.All(before, slide => Assert.Equal(slide.Value, after[slide.Key]));
    }

    [Fact]
    public void NamesThatAreEqual_DifferAllTheSame_AndNotByTheOrder()
    {
        Slides("a.tif", "a.svs", "b/c.tif", "B-C.tif");
        Directory.CreateDirectory(_folder.Combine("more"));
        File.WriteAllBytes(_folder.Combine("more", "d.tif"), TiffHead);
        Slides("d.tif");

        SlideFolder[] folders = [SlideFolder.Find(_folder.Combine("slides")), SlideFolder.Find(_folder.Combine("more"))];
        var items = SlideItem.Of(folders);

        Assert.Equal(6, items.Select(item => item.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(["a.svs", "a.tif"], items.Select(item => item.Name).Where(name => name[0] == 'a').Order(StringComparer.Ordinal));
        Assert.All(items.Where(item => item.Name[0] is 'd' or 'b' or 'B'), item => Assert.Matches("^(d|b-c|B-C)-[0-9a-f]{8}$", item.Name));
        Assert.Equal(items.OrderBy(item => item.Path, StringComparer.Ordinal), SlideItem.Of(folders.Reverse()).OrderBy(item => item.Path, StringComparer.Ordinal));
        Assert.Equal(items, SlideItem.Of([.. folders, folders[0]]));
    }

    private static byte[] TiffHead => "II*\0\b\0\0\0"u8.ToArray();

    private string[] Names(string folder) => [.. Items(folder).Select(item => item.Name)];

    private IReadOnlyList<SlideItem> Items(string folder) => SlideItem.Of([SlideFolder.Find(_folder.Combine(folder))]);

    private void Slides(params string[] paths)
    {
        foreach (var path in paths)
        {
            File.WriteAllBytes(_folder.File("slides/" + path), TiffHead);
        }
    }
}
