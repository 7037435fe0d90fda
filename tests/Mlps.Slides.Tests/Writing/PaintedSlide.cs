using Mlps.ML;

namespace Mlps.Slides.Tests;

/// <summary>A slide painted from its mask: pale colours of the classes with a grain, white elsewhere.</summary>
internal sealed class PaintedSlide(ArrayMask mask, SlideDescription slide) : ISlidePixels
{
    public RgbImage Read(int width, int height)
    {
        var pixels = new byte[3 * width * height];
        ReadRegion(0, 0, width, height, slide.Width / (double)width, pixels);
        return new RgbImage(width, height, pixels);
    }

    public void ReadRegion(double x, double y, int width, int height, double downsample, Span<byte> pixels)
    {
        pixels.Fill(byte.MaxValue);
        for (var i = 0; i < width * height; i++)
        {
            var (fullX, fullY) = (x + (((i % width) + 0.5) * downsample), y + (((i / width) + 0.5) * downsample));
            var (maskX, maskY) = ((int)(fullX / slide.MaskScale), (int)(fullY / slide.MaskScale));
            if (maskX < mask.Width && maskY < mask.Height && mask.Classes[(maskY * mask.Width) + maskX] is var value && value < slide.Classes.Count)
            {
                var grain = (int)((fullX * 7919) + (fullY * 104729)) % 31;
                pixels[3 * i] = (byte)(215 - grain);
                pixels[(3 * i) + 1] = (byte)(150 + (value * 12) - grain);
                pixels[(3 * i) + 2] = (byte)(190 - grain);
            }
        }
    }
}
