namespace Mlps.Torch.PseudoMasks;

/// <summary>Finds white background, where the slide shows glass.</summary>
internal static partial class BackgroundMask
{
    private const int ShareBits = 15;
    private const int RedShare = 9798;
    private const int GreenShare = 19235;
    private const int BlueShare = 3735;
    private const int Half = 1 << (ShareBits - 1);

    /// <summary>Marks background: 1 where a pixel of the image [3, H, W] is background, else 0.</summary>
    /// <param name="image">Bytes [3, H, W].</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="greyThreshold">A pixel is background when its grey value is above this.</param>
    /// <param name="minimumRegion">Regions of fewer pixels are not background.</param>
    /// <param name="mask">[H, W], filled.</param>
    public static void Find(ReadOnlySpan<byte> image, int height, int width, int greyThreshold, int minimumRegion, Span<byte> mask)
    {
        var pixels = height * width;
        var red = image[..pixels];
        var green = image.Slice(pixels, pixels);
        var blue = image.Slice(2 * pixels, pixels);
        for (var i = 0; i < pixels; i++)
        {
            mask[i] = Grey(red[i], green[i], blue[i]) > greyThreshold ? (byte)1 : (byte)0;
        }

        RemoveSmallRegions(mask, height, width, minimumRegion);
    }

    /// <summary>8-bit luma (ITU-R BT.601) in 15-bit fixed point, rounded.</summary>
    public static int Grey(byte red, byte green, byte blue) => ((RedShare * red) + (GreenShare * green) + (BlueShare * blue) + Half) >> ShareBits;

    /// <summary>Clears 4-connected regions of fewer than <paramref name="minimum"/> pixels.</summary>
    private static void RemoveSmallRegions(Span<byte> mask, int height, int width, int minimum)
    {
        if (minimum <= 1)
        {
            return;
        }

        var visited = new bool[mask.Length];
        var region = new List<int>();
        for (var start = 0; start < mask.Length; start++)
        {
            if (mask[start] == 0 || visited[start])
            {
                continue;
            }

            CollectRegion(mask, visited, start, height, width, region);
            if (region.Count < minimum)
            {
                foreach (var pixel in region)
                {
                    mask[pixel] = 0;
                }
            }
        }
    }

    private static void CollectRegion(ReadOnlySpan<byte> mask, bool[] visited, int start, int height, int width, List<int> region)
    {
        region.Clear();
        region.Add(start);
        visited[start] = true;
        for (var next = 0; next < region.Count; next++)
        {
            var (y, x) = Math.DivRem(region[next], width);
            Visit(mask, y > 0, region[next] - width, visited, region);
            Visit(mask, y < height - 1, region[next] + width, visited, region);
            Visit(mask, x > 0, region[next] - 1, visited, region);
            Visit(mask, x < width - 1, region[next] + 1, visited, region);
        }
    }

    private static void Visit(ReadOnlySpan<byte> mask, bool inside, int pixel, bool[] visited, List<int> region)
    {
        if (inside && mask[pixel] != 0 && !visited[pixel])
        {
            visited[pixel] = true;
            region.Add(pixel);
        }
    }
}
