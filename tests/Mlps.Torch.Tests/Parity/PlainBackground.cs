namespace Mlps.Torch.Tests.Parity;

/// <summary>The background rule in the plainest code: flood fill from every pixel by relabelling until nothing changes.</summary>
internal static class PlainBackground
{
    /// <summary>Background of an image [3, H, W]: grey above 200, in 4-connected regions of 50 pixels or more.</summary>
    public static bool[] Find(byte[] image, int height, int width)
    {
        var pixels = height * width;
        var white = new bool[pixels];
        for (var i = 0; i < pixels; i++)
        {
            white[i] = (((9798 * image[i]) + (19235 * image[pixels + i]) + (3735 * image[(2 * pixels) + i]) + 16384) >> 15) > 200;
        }

        return WithoutSpecks(white, height, width, 50);
    }

    public static bool[] WithoutSpecks(bool[] white, int height, int width, int minimum)
    {
        var region = Enumerable.Range(0, white.Length).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < white.Length; i++)
            {
                changed |= white[i] && (Join(i, i % width > 0 ? i - 1 : i) | Join(i, i >= width ? i - width : i));
            }

            for (var i = white.Length - 1; i >= 0; i--)
            {
                changed |= white[i] && (Join(i, i % width < width - 1 ? i + 1 : i) | Join(i, i < (height - 1) * width ? i + width : i));
            }
        }

        var sizes = region.Where((_, i) => white[i]).GroupBy(label => label).ToDictionary(group => group.Key, group => group.Count());
        return [.. white.Select((isWhite, i) => isWhite && sizes[region[i]] >= minimum)];

        bool Join(int pixel, int neighbour)
        {
            if (!white[neighbour] || region[neighbour] >= region[pixel])
            {
                return false;
            }

            region[pixel] = region[neighbour];
            return true;
        }
    }
}
