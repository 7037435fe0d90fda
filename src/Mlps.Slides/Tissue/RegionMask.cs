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
        var turns = new bool[mask.Length];
        foreach (var region in file.Regions)
        {
            Fill(mask, turns, width, height, downsample, region);
        }

        return mask.Contains(true) ? new TissueMask(mask, width, height, downsample, downsample) : throw Nothing(path, slide, file);
    }

    /// <summary>Fills the pixels whose centres are inside: within an odd number of the polygon's rings.</summary>
    /// <remarks>Each crossing turns over its pixel in <paramref name="turns"/>, however many there are of them; the pixels after an odd number of turns are inside.</remarks>
    private static void Fill(bool[] mask, bool[] turns, int width, int height, double downsample, Region region)
    {
        var (top, bottom, left, right) = (height, 0, width, 0);
        foreach (var ring in region.Rings)
        {
            for (var i = 0; i < ring.Count; i++)
            {
                var (from, to) = (ring[i], ring[(i + 1) % ring.Count]);
                var (upper, lower) = from.Y <= to.Y ? (from, to) : (to, from);
                var (first, end) = (Pixel(upper.Y, downsample, height), Pixel(lower.Y, downsample, height));
                for (var row = first; row < end; row++)
                {
                    var y = (row + 0.5) * downsample;
                    var column = Pixel(upper.X + ((y - upper.Y) / (lower.Y - upper.Y) * (lower.X - upper.X)), downsample, width);
                    if (column < width)
                    {
                        turns[(row * width) + column] ^= true;
                        left = Math.Min(left, column);
                    }

                    // What crosses beyond the right border is inside up to it.
                    right = Math.Max(right, Math.Min(column + 1, width));
                }

                if (first < end)
                {
                    (top, bottom) = (Math.Min(top, first), Math.Max(bottom, end));
                }
            }
        }

        for (var row = top; row < bottom; row++)
        {
            var isInside = false;
            for (var pixel = (row * width) + left; pixel < (row * width) + right; pixel++)
            {
                isInside ^= turns[pixel];
                turns[pixel] = false;
                mask[pixel] |= isInside;
            }
        }
    }

    /// <summary>The first pixel whose centre is not before a place.</summary>
    private static int Pixel(double place, double downsample, int count) => (int)Math.Clamp(Math.Ceiling((place / downsample) - 0.5), 0, count);

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
