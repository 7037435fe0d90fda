using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Turns ML.NET's images into what networks take.</summary>
internal static class ImagePixels
{
    private const int Channels = 3;
    private const int BytesPerPixel = 4;

    /// <summary>Copies an image into planes [3, H, W], red first; transparent pixels are laid on white, the colour of a slide without tissue.</summary>
    /// <exception cref="ArgumentException"><paramref name="planes"/> is not of that length.</exception>
    /// <exception cref="NotSupportedException">The image has a pixel format other than Rgba32 and Bgra32.</exception>
    public static void CopyRgb(MLImage image, Span<byte> planes)
    {
        ArgumentNullException.ThrowIfNull(image);
        var pixels = image.Pixels;
        var count = image.Width * image.Height;
        if (planes.Length != Channels * count)
        {
            throw new ArgumentException($"An image of {image.Width} x {image.Height} pixels fills {Channels * count} bytes; there are {planes.Length}.", nameof(planes));
        }

        var (red, blue) = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => (0, 2),
            MLPixelFormat.Bgra32 => (2, 0),
            _ => throw new NotSupportedException($"Images of pixel format {image.PixelFormat} are not supported; expected Rgba32 or Bgra32."),
        };
        var redPlane = planes[..count];
        var greenPlane = planes.Slice(count, count);
        var bluePlane = planes.Slice(2 * count, count);
        for (int i = 0, at = 0; i < redPlane.Length; i++, at += BytesPerPixel)
        {
            // Colours are already multiplied by alpha, so what white adds is the rest of alpha.
            var white = byte.MaxValue - pixels[at + 3];
            redPlane[i] = (byte)Math.Min(pixels[at + red] + white, byte.MaxValue);
            greenPlane[i] = (byte)Math.Min(pixels[at + 1] + white, byte.MaxValue);
            bluePlane[i] = (byte)Math.Min(pixels[at + blue] + white, byte.MaxValue);
        }
    }

    /// <summary>An image's planes [3, H, W].</summary>
    public static byte[] ToRgb(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var planes = new byte[Channels * image.Width * image.Height];
        CopyRgb(image, planes);
        return planes;
    }
}
