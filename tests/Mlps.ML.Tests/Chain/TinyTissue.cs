using Microsoft.ML.Data;

namespace Mlps.ML.Tests.Chain;

/// <summary>Two make-believe tissues, red with upright stripes and blue with level ones, and a white corner in every other image.</summary>
internal static class TinyTissue
{
    /// <summary>Side of the training patches, in pixels.</summary>
    public const int Side = 32;

    private const int WhiteCorner = 12;

    public static TissueClasses Classes { get; } = new(
        [new("striped", new(200, 40, 60)), new("layered", new(60, 40, 200))], new("glass", TissueColor.White));

    /// <summary>Which tissues an image has: in turn the first, the second, and both side by side.</summary>
    public static bool[] Label(int number) => [number % 3 != 1, number % 3 != 0];

    /// <summary>The class of every pixel.</summary>
    public static byte[] Mask(int number, int width, int height)
    {
        var mask = new byte[width * height];
        for (var pixel = 0; pixel < mask.Length; pixel++)
        {
            mask[pixel] = ClassAt(number, pixel % width, pixel / width, width);
        }

        return mask;
    }

    public static MLImage Image(int number, int width, int height)
    {
        var pixels = new byte[width * height * 4];
        for (var pixel = 0; pixel < width * height; pixel++)
        {
            int x = pixel % width, y = pixel / width;
            var noise = ((x * 7) + (y * 13) + (number * 29)) % 17;
            var (red, green, blue) = ClassAt(number, x, y, width) switch
            {
                0 => (200, x % 4 < 2 ? 40 : 90, 60),
                1 => (60, y % 4 < 2 ? 40 : 90, 200),
                _ => (235, 235, 235),
            };
            pixels[pixel * 4] = (byte)(red + noise);
            pixels[(pixel * 4) + 1] = (byte)(green + noise);
            pixels[(pixel * 4) + 2] = (byte)(blue + noise);
            pixels[(pixel * 4) + 3] = byte.MaxValue;
        }

        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, pixels);
    }

    private static byte ClassAt(int number, int x, int y, int width) =>
        number % 2 == 0 && x < WhiteCorner && y < WhiteCorner ? (byte)Classes.BackgroundIndex
        : (byte)(number % 3 == 1 || (number % 3 == 2 && x >= width / 2) ? 1 : 0);
}
