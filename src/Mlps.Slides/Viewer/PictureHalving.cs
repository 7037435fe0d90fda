using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Halves rows of red, green and blue: the mean of four pixels.</summary>
internal static class PictureHalving
{
    /// <summary>Makes one row of two.</summary>
    public static void HalveRow(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> target)
    {
        const int Pixel = RgbImage.BytesAPixel;
        for (int from = 0, to = 0; to < target.Length; from += 2 * Pixel, to += Pixel)
        {
            // The last column of an odd width has no neighbour.
            var beside = from + Pixel < first.Length ? from + Pixel : from;
            for (var channel = 0; channel < Pixel; channel++)
            {
                target[to + channel] = (byte)((first[from + channel] + first[beside + channel] + second[from + channel] + second[beside + channel] + 2) / 4);
            }
        }
    }
}
