using Mlps.ML;

namespace Mlps.Label;

/// <summary>How large a patch is that masks are drawn on.</summary>
internal static class PatchSize
{
    /// <summary>The largest: a mask is held in memory by the page and the server.</summary>
    public const int MostPixels = 4096 * 4096;

    /// <summary>Width and height in pixels, turned as the image's EXIF data say.</summary>
    /// <exception cref="TissueDataException">The patch cannot be read, or is too large to be drawn on.</exception>
    public static (int Width, int Height) Read(PatchFile patch)
    {
        FileStatus.RequireNotSpecial(patch.Path);
        using var image = ImageFile.Read(patch.Path);
        return (long)image.Width * image.Height <= MostPixels
            ? (image.Width, image.Height)
            : throw new TissueDataException(patch.Path, $"The patch has {image.Width} x {image.Height} pixels, too many to draw a mask on.", "Cut smaller patches.");
    }
}
