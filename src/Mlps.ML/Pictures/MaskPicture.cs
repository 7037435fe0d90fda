namespace Mlps.ML;

/// <summary>
/// A mask in the solid colours of its classes.
/// </summary>
/// <remarks>The result is for looking at: it holds colours, not indices, so it cannot be read back as a mask.</remarks>
public static class MaskPicture
{
    /// <summary>Draws a mask.</summary>
    /// <param name="mask">Class index of each pixel, row by row; the class count is background.</param>
    /// <param name="width">Width of the mask in pixels.</param>
    /// <param name="height">Height of the mask in pixels.</param>
    /// <param name="classes">Colours of the classes.</param>
    /// <param name="scale">Side of the square that each pixel becomes, at least 1.</param>
    /// <exception cref="ArgumentException">The mask does not have width·height pixels, or holds an index without a colour, or the picture is too large: an enlarged one has at most 32,767 pixels a side.</exception>
    public static Picture Draw(ReadOnlySpan<byte> mask, int width, int height, TissueClasses classes, int scale = 1)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        Pixels.CheckMask(mask, width, height, classes, nameof(mask));
        CheckSize(width, height, scale, "A mask", nameof(scale), nameof(mask));
        int newWidth = width * scale, newHeight = height * scale;
        return Picture.Encode(Color(Pixels.Resize(mask, width, height, newWidth, newHeight), newWidth, newHeight, classes));
    }

    /// <summary>Refuses what is too large; a picture in the image's own size is not drawn, so that its sides may be longer.</summary>
    internal static void CheckSize(int width, int height, int scale, string what, string option, string parameter)
    {
        var remedy = $"use a smaller {option} or a smaller image";
        if (scale == 1)
        {
            Pixels.CheckArea(width, height, what, remedy, parameter);
        }
        else
        {
            Pixels.CheckPictureSize((long)width * scale, (long)height * scale, what, remedy, parameter);
        }
    }

    internal static RgbImage Color(ReadOnlySpan<byte> mask, int width, int height, TissueClasses classes)
    {
        var pixels = new byte[3 * mask.Length];
        for (var i = 0; i < mask.Length; i++)
        {
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = classes.Palette[mask[i]];
        }

        return new RgbImage(width, height, pixels);
    }
}
