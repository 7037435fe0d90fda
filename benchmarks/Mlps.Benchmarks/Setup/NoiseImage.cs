using Microsoft.ML.Data;

namespace Mlps.Benchmarks.Setup;

/// <summary>Opaque images of noise.</summary>
internal static class NoiseImage
{
    public static MLImage Create(int width, int height, int seed)
    {
        var pixels = new byte[4 * width * height];
        new Random(seed).NextBytes(pixels);
        for (var alpha = 3; alpha < pixels.Length; alpha += 4)
        {
            pixels[alpha] = byte.MaxValue;
        }

        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
    }
}

/// <summary>A row of an image of any size, whose type has to be registered.</summary>
internal sealed class ImageOfAnySize
{
    public MLImage Image { get; set; } = null!;
}
