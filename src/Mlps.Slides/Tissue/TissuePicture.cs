using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Draws what a mask chose.</summary>
internal static class TissuePicture
{
    /// <summary>A green that no stain has.</summary>
    private static readonly TissueColor _line = new(0, 170, 60);

    /// <summary>Pixels of a slide's picture for each pixel of the line.</summary>
    private const int LineShare = 500;

    private const int RgbBytes = SourceLevel.RgbBytes;

    public static Picture Draw(TissueMask mask, RgbImage thumbnail, int slideWidth, int slideHeight)
    {
        var (width, height) = (thumbnail.Width, thumbnail.Height);
        var (scaleX, scaleY) = ((double)slideWidth / width, (double)slideHeight / height);
        var inside = new bool[width * height];
        for (var i = 0; i < inside.Length; i++)
        {
            inside[i] = mask.At(((i % width) + 0.5) * scaleX, ((i / width) + 0.5) * scaleY);
        }

        var radius = 1 + (Math.Max(width, height) / LineShare);
        var pixels = thumbnail.Pixels.ToArray();
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] && IsNearBorder(inside, width, height, i % width, i / width, radius))
            {
                (pixels[RgbBytes * i], pixels[(RgbBytes * i) + 1], pixels[(RgbBytes * i) + 2]) = (_line.Red, _line.Green, _line.Blue);
            }
        }

        return Picture.Encode(new RgbImage(width, height, pixels));
    }

    /// <summary>Whether something outside the tissue, or the picture's border, is within the line's width.</summary>
    private static bool IsNearBorder(bool[] inside, int width, int height, int x, int y, int radius)
    {
        for (var step = 1; step <= radius; step++)
        {
            if (x < step || y < step || x + step >= width || y + step >= height
                || !inside[(y * width) + x - step] || !inside[(y * width) + x + step] || !inside[((y - step) * width) + x] || !inside[((y + step) * width) + x])
            {
                return true;
            }
        }

        return false;
    }
}
