namespace Mlps.ML;

/// <summary>
/// An image with the classes of its mask as translucent colours, and a thin line in the full colour along their borders.
/// </summary>
/// <remarks>Background is left as it is in the image.</remarks>
public static class OverlayPicture
{
    /// <summary>Draws an overlay.</summary>
    /// <param name="image">The image.</param>
    /// <param name="mask">Class index of each pixel of the image, row by row; the class count is background.</param>
    /// <param name="classes">Colours of the classes.</param>
    /// <param name="options">How to draw; the defaults if null.</param>
    /// <exception cref="ArgumentException">The mask does not have the size of the image, or holds an index without a colour, or the picture is too large: an enlarged one has at most 32,767 pixels a side.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Picture Draw(RgbImage image, ReadOnlySpan<byte> mask, TissueClasses classes, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(classes);
        options ??= new OverlayOptions();
        options.Validate();
        Pixels.CheckMask(mask, image.Width, image.Height, classes, nameof(mask));
        MaskPicture.CheckSize(image.Width, image.Height, options.Scale, "An overlay", $"{nameof(OverlayOptions)}.{nameof(OverlayOptions.Scale)}", nameof(image));
        var large = Pixels.Resize(image, image.Width * options.Scale, image.Height * options.Scale);
        var largeMask = options.Scale == 1 ? mask : Pixels.Resize(mask, image.Width, image.Height, large.Width, large.Height);

        // Of large images every copy counts: the colours are laid onto the bitmap that is encoded.
        using var bitmap = Pixels.ToBitmap(large);
        BlendInto(Pixels.BytesOf(bitmap), Pixels.BytesAPixel, large.Width, large.Height, largeMask, classes, options.Opacity, options.ContourWidth, coverBackground: false);
        return Picture.Encode(bitmap);
    }

    internal static RgbImage Blend(RgbImage image, ReadOnlySpan<byte> mask, TissueClasses classes, double opacity, int contourWidth, bool coverBackground = false)
    {
        var pixels = image.Pixels.ToArray();
        BlendInto(pixels, RgbImage.BytesAPixel, image.Width, image.Height, mask, classes, opacity, contourWidth, coverBackground);
        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static void BlendInto(
        Span<byte> pixels, int bytesAPixel, int width, int height, ReadOnlySpan<byte> mask, TissueClasses classes, double opacity, int contourWidth, bool coverBackground)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var index = mask[(y * width) + x];
                var isBackground = index == classes.Count;
                if (isBackground && !coverBackground)
                {
                    continue;
                }

                (var red, var green, var blue) = classes.Palette[index];
                var share = !isBackground && IsOnBorder(mask, width, height, x, y, contourWidth) ? 1 : opacity;
                var pixel = pixels.Slice(bytesAPixel * ((y * width) + x), RgbImage.BytesAPixel);
                pixel[0] = Pixels.Mix(pixel[0], red, share);
                pixel[1] = Pixels.Mix(pixel[1], green, share);
                pixel[2] = Pixels.Mix(pixel[2], blue, share);
            }
        }
    }

    private static bool IsOnBorder(ReadOnlySpan<byte> mask, int width, int height, int x, int y, int distance)
    {
        var index = mask[(y * width) + x];
        for (var step = 1; step <= distance; step++)
        {
            if ((x >= step && mask[(y * width) + x - step] != index)
                || (x + step < width && mask[(y * width) + x + step] != index)
                || (y >= step && mask[((y - step) * width) + x] != index)
                || (y + step < height && mask[((y + step) * width) + x] != index))
            {
                return true;
            }
        }

        return false;
    }
}
