using System.Globalization;

namespace Mlps.Slides;

/// <summary>Paints polygons into a mask.</summary>
internal static class RegionMask
{
    /// <summary>Regions are drawn by hand at all sizes: the mask is finer than one that is found.</summary>
    private const int LongestSide = 4096;

    /// <exception cref="SlideException">The file cannot be read, or none of its regions is an area of the slide.</exception>
    public static TissueMask Create(Slide slide, string path, IReadOnlyCollection<string>? classes)
    {
        var file = RegionFile.Read(path, classes);
        var downsample = Math.Max(1, (double)Math.Max(slide.Width, slide.Height) / LongestSide);
        var (width, height) = (TissueMask.Pixels(slide.Width, downsample), TissueMask.Pixels(slide.Height, downsample));
        var mask = new bool[width * height];
        foreach (var region in file.Regions)
        {
            Fill(mask, width, height, downsample, region);
        }

        return mask.Contains(true) ? new TissueMask(mask, width, height, downsample, downsample) : throw Nothing(path, slide, file);
    }

    /// <summary>Fills the pixels whose centres are inside: within an odd number of the polygon's rings.</summary>
    private static void Fill(bool[] mask, int width, int height, double downsample, Region region)
    {
        var crossings = new SortedDictionary<int, List<double>>();
        foreach (var ring in region.Rings)
        {
            for (var i = 0; i < ring.Count; i++)
            {
                AddCrossings(crossings, ring[i], ring[(i + 1) % ring.Count], height, downsample);
            }
        }

        foreach (var (row, places) in crossings)
        {
            places.Sort();
            for (var i = 0; i + 1 < places.Count; i += 2)
            {
                var from = (int)Math.Clamp(Math.Ceiling((places[i] / downsample) - 0.5), 0, width);
                var to = (int)Math.Clamp(Math.Ceiling((places[i + 1] / downsample) - 0.5), 0, width);
                if (to > from)
                {
                    mask.AsSpan((row * width) + from, to - from).Fill(true);
                }
            }
        }
    }

    private static void AddCrossings(SortedDictionary<int, List<double>> crossings, (double X, double Y) from, (double X, double Y) to, int height, double downsample)
    {
        var (upper, lower) = from.Y <= to.Y ? (from, to) : (to, from);
        var first = (int)Math.Clamp(Math.Ceiling((upper.Y / downsample) - 0.5), 0, height);
        var end = (int)Math.Clamp(Math.Ceiling((lower.Y / downsample) - 0.5), 0, height);
        for (var row = first; row < end; row++)
        {
            if (!crossings.TryGetValue(row, out var places))
            {
                crossings.Add(row, places = []);
            }

            var y = (row + 0.5) * downsample;
            places.Add(upper.X + ((y - upper.Y) / (lower.Y - upper.Y) * (lower.X - upper.X)));
        }
    }

    private static SlideException Nothing(string path, Slide slide, RegionFile file)
    {
        var left = file switch
        {
            { Regions.Count: > 0 } => string.Create(CultureInfo.InvariantCulture, $"None of its {file.Regions.Count} areas covers a part of the slide {slide.Name}, which has {slide.Width} x {slide.Height} pixels."),
            { OfOtherClasses: > 0 } => $"All of its {file.OfOtherClasses} objects are of classes that do not count.",
            { WithoutArea: > 0 } => $"It holds {file.WithoutArea} points and lines, and no areas.",
            _ => "It holds no areas.",
        };
        return new SlideException(Path.GetFullPath(path), left, "Coordinates are full-resolution pixels inside the slide's bounds, as QuPath writes them.");
    }
}
