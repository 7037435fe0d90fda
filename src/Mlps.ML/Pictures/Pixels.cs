using SkiaSharp;

namespace Mlps.ML;

/// <summary>Work on plain pixels that several pictures share.</summary>
internal static class Pixels
{
    /// <summary>The longest side of a picture: Skia's rasteriser works in 16-bit coordinates.</summary>
    internal const int MaxPictureSize = 32767;

    /// <summary>Bytes of a pixel of a bitmap: red, green, blue, and an opacity that is always full.</summary>
    internal const int BytesAPixel = 4;

    /// <summary>The most pixels of a picture: its bitmap's bytes are counted in 32 bits.</summary>
    internal const int MaxPixels = int.MaxValue / BytesAPixel;

    /// <summary>Refuses a picture that Skia would draw wrongly, or that no array holds, before memory is taken for it.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="what">The picture, for the message.</param>
    /// <param name="remedy">What to do, for the message.</param>
    /// <param name="parameter">What makes it that large.</param>
    /// <exception cref="ArgumentException">It is too large.</exception>
    internal static void CheckPictureSize(long width, long height, string what, string remedy, string parameter)
    {
        if (Math.Max(width, height) > MaxPictureSize)
        {
            throw new ArgumentException($"{what} would have {width} x {height} pixels, more than {MaxPictureSize} a side; {remedy}.", parameter);
        }

        CheckArea(width, height, what, remedy, parameter);
    }

    /// <summary>The same for a picture that is coloured pixel by pixel and not drawn, whose sides may be longer.</summary>
    /// <inheritdoc cref="CheckPictureSize"/>
    internal static void CheckArea(long width, long height, string what, string remedy, string parameter)
    {
        if (width * height > MaxPixels)
        {
            throw new ArgumentException($"{what} would have {width} x {height} pixels, more than {MaxPixels} in all; {remedy}.", parameter);
        }
    }

    /// <summary>The bytes of a bitmap, to be changed in place.</summary>
    internal static unsafe Span<byte> BytesOf(SKBitmap bitmap) => new((void*)bitmap.GetPixels(), bitmap.ByteCount);

    /// <summary>A blank opaque picture, which the caller disposes.</summary>
    internal static SKBitmap Paper(int width, int height)
    {
        var paper = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        paper.Erase(Ink.Paper);
        return paper;
    }

    /// <summary>The size of an image in its own proportions, its longer side as given.</summary>
    internal static (int Width, int Height) FitInto(RgbImage image, int longerSide)
    {
        var scale = (double)longerSide / Math.Max(image.Width, image.Height);
        return (Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)));
    }

    /// <summary>Copies an image into an opaque bitmap, which the caller disposes.</summary>
    internal static SKBitmap ToBitmap(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = BytesOf(bitmap);
        var source = image.Pixels.Span;
        for (int i = 0, j = 0; i < source.Length; i += 3, j += 4)
        {
            target[j] = source[i];
            target[j + 1] = source[i + 1];
            target[j + 2] = source[i + 2];
            target[j + 3] = byte.MaxValue;
        }

        return bitmap;
    }

    /// <summary>Resizes an image with bicubic interpolation.</summary>
    internal static RgbImage Resize(RgbImage image, int width, int height)
    {
        if (image.Width == width && image.Height == height)
        {
            return image;
        }

        using var source = ToBitmap(image);
        using var resized = source.Resize(source.Info.WithSize(width, height), SKFilterQuality.High)
            ?? throw new InvalidOperationException($"An image of {width} x {height} pixels does not fit into memory.");
        var rgba = resized.GetPixelSpan();
        var rgb = new byte[3 * width * height];
        for (int i = 0, j = 0; i < rgb.Length; i += 3, j += 4)
        {
            rgba.Slice(j, 3).CopyTo(rgb.AsSpan(i, 3));
        }

        return new RgbImage(width, height, rgb);
    }

    /// <summary>Resizes a mask by the nearest pixel: indices cannot be mixed.</summary>
    internal static byte[] Resize(ReadOnlySpan<byte> mask, int width, int height, int newWidth, int newHeight)
    {
        var resized = new byte[newWidth * newHeight];
        for (var y = 0; y < newHeight; y++)
        {
            var row = mask.Slice(Nearest(y, newHeight, height) * width, width);
            for (var x = 0; x < newWidth; x++)
            {
                resized[(y * newWidth) + x] = row[Nearest(x, newWidth, width)];
            }
        }

        return resized;

        static int Nearest(int position, int newSize, int size) => (int)(((2L * position) + 1) * size / (2L * newSize));
    }

    /// <summary>Checks that a mask covers an image and holds nothing but classes and background.</summary>
    internal static void CheckMask(ReadOnlySpan<byte> mask, int width, int height, TissueClasses classes, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (mask.Length != (long)width * height)
        {
            throw new ArgumentException($"The mask has {mask.Length} pixels; an image of {width} x {height} needs {(long)width * height}.", parameter);
        }

        var at = mask.IndexOfAnyExceptInRange((byte)0, (byte)classes.Count);
        if (at >= 0)
        {
            throw new ArgumentException(
                $"Pixel ({at % width}, {at / width}) of the mask has class index {mask[at]}; expected 0 to {classes.Count - 1}, " +
                $"or {classes.Count} for background.",
                parameter);
        }
    }

    /// <summary>Mixes two channel values; <paramref name="share"/> is the part of the second.</summary>
    internal static byte Mix(byte first, byte second, double share) => (byte)Math.Round(first + ((second - first) * share));

    /// <summary>Luma of an R, G, B pixel (ITU-R BT.601).</summary>
    internal static byte Grey(ReadOnlySpan<byte> pixel) => (byte)(((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2]) + 500) / 1000);
}
