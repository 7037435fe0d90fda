using Microsoft.ML.Data;
using Xunit;

namespace Mlps.ML.Tests.Data;

/// <summary>Pixels of every width, both byte orders, opaque and not, against the rule written out.</summary>
public sealed class ImagePixelsTests
{
    [Theory]
    [InlineData(MLPixelFormat.Rgba32)]
    [InlineData(MLPixelFormat.Bgra32)]
    public void CopyRgb_AnyWidthAndTransparency_LaysColoursOnWhite(MLPixelFormat format)
    {
        var random = new Random(5);
        for (var width = 1; width < 70; width++)
        {
            foreach (var transparentFrom in (int[])[0, width / 3, width, (2 * width) - 1, 2 * width])
            {
                var pixels = new byte[width * 2 * 4];
                random.NextBytes(pixels);
                for (var i = 0; i < width * 2; i++)
                {
                    var alpha = i < transparentFrom ? 255 : random.Next(256);
                    for (var channel = 0; channel < 3; channel++)
                    {
                        pixels[(4 * i) + channel] = (byte)(pixels[(4 * i) + channel] * alpha / 255);
                    }

                    pixels[(4 * i) + 3] = (byte)alpha;
                }

                using var image = MLImage.CreateFromPixels(width, 2, format, pixels);

                Assert.Equal(Expected(image), ImagePixels.ToRgb(image));
            }
        }
    }

    private static byte[] Expected(MLImage image)
    {
        var count = image.Width * image.Height;
        var planes = new byte[3 * count];
        for (var i = 0; i < count; i++)
        {
            var pixel = image.Pixels.Slice(4 * i, 4);
            for (var channel = 0; channel < 3; channel++)
            {
                var at = image.PixelFormat is MLPixelFormat.Rgba32 ? channel : 2 - channel;
                planes[(channel * count) + i] = (byte)Math.Min(255, pixel[at] + 255 - pixel[3]);
            }
        }

        return planes;
    }
}
