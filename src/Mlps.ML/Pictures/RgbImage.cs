using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>
/// An image of 8-bit red, green and blue, held as plain bytes so that notebooks and programs can make one from anything.
/// </summary>
public sealed class RgbImage
{
    internal const int BytesAPixel = 3;

    /// <summary>Wraps interleaved pixels; the array is not copied.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">R, G, B of each pixel, row by row from the top left: 3·width·height bytes.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        CheckSize(width, height, pixels.Length);
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>R, G, B of each pixel, row by row from the top left.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>Makes an image from three planes, the layout of tensors.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="planes">All of R, then all of G, then all of B: shape [3, height, width].</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static RgbImage FromPlanar(int width, int height, ReadOnlySpan<byte> planes)
    {
        CheckSize(width, height, planes.Length);
        var area = width * height;
        var pixels = new byte[planes.Length];
        for (var i = 0; i < area; i++)
        {
            pixels[3 * i] = planes[i];
            pixels[(3 * i) + 1] = planes[area + i];
            pixels[(3 * i) + 2] = planes[(2 * area) + i];
        }

        return new RgbImage(width, height, pixels);
    }

    /// <summary>Copies the colours of an ML.NET image; transparent pixels are laid on white, as networks see them.</summary>
    /// <param name="image">The image, which stays the caller's.</param>
    /// <exception cref="ArgumentException">The pixel format is neither BGRA nor RGBA.</exception>
    public static RgbImage FromMLImage(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (var red, var blue) = image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => (2, 0),
            MLPixelFormat.Rgba32 => (0, 2),
            _ => throw new ArgumentException($"Pixel format {image.PixelFormat} is not supported; expected Bgra32 or Rgba32.", nameof(image)),
        };

        var source = image.Pixels;
        var pixels = new byte[3 * image.Width * image.Height];
        for (int i = 0, j = 0; i < pixels.Length; i += 3, j += 4)
        {
            var alpha = source[j + 3];
            pixels[i] = ImagePixels.LayOnWhite(source[j + red], alpha);
            pixels[i + 1] = ImagePixels.LayOnWhite(source[j + 1], alpha);
            pixels[i + 2] = ImagePixels.LayOnWhite(source[j + blue], alpha);
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static void CheckSize(int width, int height, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (length != 3L * width * height)
        {
            throw new ArgumentException($"An RGB image of {width} x {height} pixels needs {3L * width * height} bytes; got {length}.");
        }
    }
}
