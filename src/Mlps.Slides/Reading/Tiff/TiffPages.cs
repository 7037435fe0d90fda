using BitMiracle.LibTiff.Classic;

namespace Mlps.Slides;

/// <summary>The pictures in a TIFF file, and which of them are levels of the slide.</summary>
internal static class TiffPages
{
    /// <summary>More than any slide has; a chain that leads back to itself ends there.</summary>
    private const int MaximumPages = 512;

    /// <summary>Sizes of levels may be rounded up or down once for each halving.</summary>
    private const double RoundingOfSizes = 2;

    /// <summary>All pictures: the first, the smaller copies inside it, and the others of the file.</summary>
    /// <exception cref="SlideException">The file is damaged.</exception>
    public static IReadOnlyList<TiffPage> Read(Tiff tiff, string path)
    {
        var first = TiffPage.Read(tiff, path);
        var pages = new List<TiffPage> { first };
        while (pages.Count < MaximumPages && tiff.ReadDirectory())
        {
            pages.Add(TiffPage.Read(tiff, path));
        }

        foreach (var offset in first.Inner.Take(MaximumPages))
        {
            if (tiff.SetSubDirectory(offset))
            {
                pages.Add(TiffPage.Read(tiff, path));
            }
        }

        return pages;
    }

    /// <summary>The first picture and its smaller copies, the largest first.</summary>
    public static IReadOnlyList<TiffPage> Levels(IReadOnlyList<TiffPage> pages)
    {
        var levels = new List<TiffPage> { pages[0] };
        foreach (var page in pages.Skip(1).OrderByDescending(page => page.Width))
        {
            if (page.Width < levels[^1].Width && IsCopy(pages[0], page))
            {
                levels.Add(page);
            }
        }

        return levels;
    }

    /// <summary>How many pictures have the size of the first: channels or focal planes.</summary>
    public static int OfFullSize(IReadOnlyList<TiffPage> pages) => pages.Count(page => (page.Width, page.Height) == (pages[0].Width, pages[0].Height));

    /// <summary>Whether a picture shows the same as the full one: labels and overviews of the glass have other proportions, or are striped.</summary>
    private static bool IsCopy(TiffPage full, TiffPage page) =>
        page.IsTiled == full.IsTiled
        && (full.IsTiled || page.IsReduced)
        && page.Samples == full.Samples
        && page.Bits == full.Bits
        && Math.Abs(((double)full.Height * page.Width / full.Width) - page.Height) <= RoundingOfSizes;
}
