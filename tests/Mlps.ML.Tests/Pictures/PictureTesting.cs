using SkiaSharp;

namespace Mlps.ML.Tests.Pictures;

/// <summary>Small images and classes for tests, and a way back from PNG to pixels.</summary>
internal static class PictureTesting
{
    internal static readonly TissueClasses Classes = new(
        [new("gland", new(200, 40, 40)), new("stroma", new(40, 80, 220))], background: new("background", new(250, 250, 210)));

    internal static RgbImage Grey(int width, int height, byte value = 128)
    {
        var pixels = new byte[3 * width * height];
        Array.Fill(pixels, value);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Left half <paramref name="left"/>, right half <paramref name="right"/>.</summary>
    internal static byte[] Halves(int width, int height, byte left, byte right)
    {
        var mask = new byte[width * height];
        for (var i = 0; i < mask.Length; i++)
        {
            mask[i] = i % width < width / 2 ? left : right;
        }

        return mask;
    }

    internal static SKBitmap Decode(Picture picture) =>
        SKBitmap.Decode(picture.Png.Span) ?? throw new InvalidOperationException("The picture is not a PNG.");

    internal static SKColor Color(TissueColor color) => new(color.Red, color.Green, color.Blue);

    /// <summary>Pixels of a colour within a rectangle, the whole picture by default.</summary>
    internal static int Count(SKBitmap bitmap, SKColor color, SKRectI? within = null) => Count(bitmap, pixel => pixel == color, within);

    internal static int Count(SKBitmap bitmap, Func<SKColor, bool> predicate, SKRectI? within = null)
    {
        var area = within ?? new SKRectI(0, 0, bitmap.Width, bitmap.Height);
        var count = 0;
        for (var y = area.Top; y < area.Bottom; y++)
        {
            for (var x = area.Left; x < area.Right; x++)
            {
                count += predicate(bitmap.GetPixel(x, y)) ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>Pixels that differ clearly from white paper.</summary>
    internal static int CountInk(SKBitmap bitmap, SKRectI within) => Count(bitmap, pixel => pixel.Red + pixel.Green + pixel.Blue < 600, within);
}
