using System.Globalization;

namespace Mlps.Slides;

/// <summary>Reads masks that others made.</summary>
internal static class TissueMaskFile
{
    /// <summary>Larger masks are shrunk to this.</summary>
    private const int LongestSide = 4096;

    /// <summary>Pixels by which proportions may differ, as sizes are rounded.</summary>
    private const double Rounding = 2;

    /// <summary>Intensities up to this are black in a JPEG.</summary>
    private const int JpegNoise = 48;

    private const double LargestDifference = 0.01;

    public static TissueMask Read(Slide slide, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var picture = Slide.Open(path, new SlideOptions { Backend = FileSignatures.Read(Path.GetFullPath(path)) is FileSignature.Tiff ? SlideBackend.Tiff : SlideBackend.Image });
        var expected = (double)slide.Height * picture.Width / slide.Width;
        if (Math.Abs(expected - picture.Height) > Math.Max(Rounding, LargestDifference * picture.Height))
        {
            throw new SlideException(
                picture.Path,
                string.Create(CultureInfo.InvariantCulture, $"The mask has {picture.Width} x {picture.Height} pixels, and the slide {slide.Name} has {slide.Width} x {slide.Height}: other proportions."),
                "Give a mask of the whole slide (inside its bounds).");
        }

        var downsample = Math.Max(1, (double)Math.Max(picture.Width, picture.Height) / LongestSide);
        var (width, height) = (TissueMask.Pixels(picture.Width, downsample), TissueMask.Pixels(picture.Height, downsample));
        var rgb = picture.ReadRegion(0, 0, width, height, downsample);
        var mask = new bool[width * height];

        // Beside its borders, what was black is hardly so in a JPEG.
        var darkest = Path.GetExtension(path).ToUpperInvariant() is ".JPG" or ".JPEG" ? JpegNoise : 0;
        for (var i = 0; i < mask.Length; i++)
        {
            mask[i] = Math.Max(rgb[SourceLevel.RgbBytes * i], Math.Max(rgb[(SourceLevel.RgbBytes * i) + 1], rgb[(SourceLevel.RgbBytes * i) + 2])) > darkest;
        }

        return mask.Contains(true)
            ? new TissueMask(mask, width, height, slide.Width * downsample / picture.Width, slide.Height * downsample / picture.Height)
            : throw new SlideException(picture.Path, "The mask is black: it chooses nothing.", "Make what counts as tissue another colour than black.");
    }
}
