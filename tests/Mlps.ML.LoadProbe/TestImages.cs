using Microsoft.ML.Data;

namespace Mlps.ML.LoadProbe;

/// <summary>Images that two processes can make alike.</summary>
public static class TestImages
{
    /// <summary>An image whose pixels depend on a number and nothing else.</summary>
    public static MLImage Create(int number, int width, int height)
    {
        var pixels = new byte[width * height * 4];
        for (var pixel = 0; pixel < width * height; pixel++)
        {
            pixels[pixel * 4] = (byte)((number * 40) + (pixel % 7));
            pixels[(pixel * 4) + 1] = (byte)((number * 10) + (pixel % 11));
            pixels[(pixel * 4) + 2] = (byte)(number + (pixel % 13));
            pixels[(pixel * 4) + 3] = 255;
        }

        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, pixels);
    }
}
