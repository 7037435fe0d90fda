using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Turns stain into light: absorption, the microscope's blur, the camera's noise, and how these differ from slide to slide.</summary>
/// <remarks>Beer and Lambert's law. Haematoxylin absorbs as measured by Ruifrok and Johnston (2001); eosin absorbs more blue than theirs, as it looks on scanned slides.</remarks>
internal static class Optics
{
    private const int Channels = 3;
    private const float StainSpread = 0.16f;
    private const float HueSpread = 0.05f;
    private const float LampLowest = 240;
    private const float LampHighest = 253;
    private const float CameraNoise = 5;

    private static readonly float[] Haematoxylin = [0.650f, 0.704f, 0.286f];
    private static readonly float[] Eosin = [0.092f, 0.850f, 0.300f];
    private static readonly float[] Haemoglobin = [0.11f, 0.85f, 0.78f];

    /// <summary>RGB bytes [size, size, 3].</summary>
    public static byte[] Develop(StainMap stains, ref RandomStream random)
    {
        var vectors = new float[][] { Vary(Haematoxylin, ref random), Vary(Eosin, ref random), Vary(Haemoglobin, ref random) };
        var lamp = (float)random.Next(LampLowest, LampHighest);
        var noise = new SmoothNoise(random.NextDouble());
        var (size, count) = (stains.Size, stains.Size * stains.Size);
        var light = new float[count];
        var blurred = new float[count];
        var pixels = new byte[count * Channels];
        for (var channel = 0; channel < Channels; channel++)
        {
            float h = vectors[0][channel], e = vectors[1][channel], b = vectors[2][channel];
            var tint = lamp + ((float)random.NextDouble() * 2);
            for (var pixel = 0; pixel < count; pixel++)
            {
                light[pixel] = tint * MathF.Exp(-((h * stains.Haematoxylin[pixel]) + (e * stains.Eosin[pixel]) + (b * stains.Haemoglobin[pixel])));
            }

            Blur(light, blurred, size);
            for (var pixel = 0; pixel < count; pixel++)
            {
                var value = light[pixel] + (CameraNoise * (noise.Value((pixel % size * Channels) + channel, pixel / size) - 0.5f));
                pixels[(pixel * Channels) + channel] = (byte)Math.Clamp(value + 0.5f, 0, byte.MaxValue);
            }
        }

        return pixels;
    }

    private static float[] Vary(float[] stain, ref RandomStream random)
    {
        var strength = 1 + (float)random.Next(-StainSpread, StainSpread);
        var varied = new float[Channels];
        for (var channel = 0; channel < Channels; channel++)
        {
            varied[channel] = MathF.Max(0, stain[channel] + (float)random.Next(-HueSpread, HueSpread)) * strength;
        }

        return varied;
    }

    /// <summary>Weights 1, 4, 1 along rows, then along columns.</summary>
    private static void Blur(float[] image, float[] scratch, int size)
    {
        for (var y = 0; y < size; y++)
        {
            var row = y * size;
            for (var x = 0; x < size; x++)
            {
                scratch[row + x] = (image[row + Math.Max(x - 1, 0)] + (4 * image[row + x]) + image[row + Math.Min(x + 1, size - 1)]) / 6;
            }
        }

        for (var y = 0; y < size; y++)
        {
            int row = y * size, above = Math.Max(y - 1, 0) * size, below = Math.Min(y + 1, size - 1) * size;
            for (var x = 0; x < size; x++)
            {
                image[row + x] = (scratch[above + x] + (4 * scratch[row + x]) + scratch[below + x]) / 6;
            }
        }
    }
}
