using Mlps.Torch.Data;

namespace Mlps.ML.Synthetic;

/// <summary>Which tissue lies where in a patch: a few regions with winding borders.</summary>
internal static class RegionMap
{
    private const double ThreeTissuesFraction = 0.35;
    private const double BackgroundFraction = 0.3;
    private const int Attempts = 40;

    /// <summary>How clearly above the label's bar a wanted tissue must be, so that labels are not a matter of a few pixels.</summary>
    private const double LabelMargin = 2;

    /// <summary>One more site a tissue for every square of this edge, in pixels.</summary>
    private const int SiteSpacing = 72;

    /// <summary>Pixels over which borders wind, and how far.</summary>
    private const float WindingLength = 26;
    private const float WindingDepth = 20;
    private const float FineWindingLength = 9;
    private const float FineWindingDepth = 5;

    /// <summary>Class indices [size, size]: 0..C-1, and C for white slide.</summary>
    /// <param name="size">Height and width, in pixels.</param>
    /// <param name="main">A tissue that occurs in any case.</param>
    /// <param name="options">Mixture, classes and background.</param>
    /// <param name="random">Where randomness comes from.</param>
    public static byte[] Draw(int size, int main, SyntheticTissueOptions options, ref RandomStream random)
    {
        var map = new byte[size * size];
        var tissues = Choose(main, options, ref random);
        var background = options.Background && random.NextDouble() < BackgroundFraction;
        var bar = options.LabelFraction * LabelMargin;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            Fill(map, size, tissues, background ? options.ClassCount : null, ref random);
            var label = Label(map, options.ClassCount, Math.Min(bar, 0.5 / tissues.Length));
            if (tissues.All(tissue => label[tissue]))
            {
                break;
            }
        }

        return map;
    }

    /// <summary>The tissues that cover a share of the patch.</summary>
    public static bool[] Label(ReadOnlySpan<byte> map, int classCount, double fraction)
    {
        var label = new bool[classCount];
        for (var tissue = 0; tissue < classCount; tissue++)
        {
            label[tissue] = map.Count((byte)tissue) >= fraction * map.Length;
        }

        return label;
    }

    private static int[] Choose(int main, SyntheticTissueOptions options, ref RandomStream random)
    {
        var draw = random.NextDouble();
        var count = draw < options.SingleTissueFraction ? 1
            : random.NextDouble() < ThreeTissuesFraction ? 3
            : 2;
        var others = random.Permutation(options.ClassCount).Where(tissue => tissue != main);
        return [main, .. others.Take(count - 1)];
    }

    private static void Fill(byte[] map, int size, int[] tissues, int? background, ref RandomStream random)
    {
        var sites = Sites(size, tissues, background, ref random);
        var (windX, windY, fineX, fineY) = (new SmoothNoise(random.NextDouble()), new SmoothNoise(random.NextDouble()), new SmoothNoise(random.NextDouble()), new SmoothNoise(random.NextDouble()));
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                float u = x / WindingLength, v = y / WindingLength, s = x / FineWindingLength, t = y / FineWindingLength;
                var warpedX = x + ((windX.At(u, v) - 0.5f) * 2 * WindingDepth) + ((fineX.At(s, t) - 0.5f) * 2 * FineWindingDepth);
                var warpedY = y + ((windY.At(u, v) - 0.5f) * 2 * WindingDepth) + ((fineY.At(s, t) - 0.5f) * 2 * FineWindingDepth);
                map[(y * size) + x] = Nearest(sites, warpedX, warpedY);
            }
        }
    }

    private static (float X, float Y, byte Class)[] Sites(int size, int[] tissues, int? background, ref RandomStream random)
    {
        var perTissue = Math.Max(1, (int)Math.Round((double)size * size / (SiteSpacing * SiteSpacing) / tissues.Length));
        var sites = new List<(float, float, byte)>();
        foreach (var tissue in tissues)
        {
            for (var i = 0; i < perTissue; i++)
            {
                sites.Add(((float)random.Next(0, size), (float)random.Next(0, size), (byte)tissue));
            }
        }

        if (background is { } white)
        {
            // White slide lies where the section ends: at a side of the patch.
            var side = random.Next(4);
            var along = (float)random.Next(0, size);
            var across = (float)random.Next(-0.2 * size, 0.1 * size);
            across = side < 2 ? across : size - across;
            sites.Add(side % 2 == 0 ? (across, along, (byte)white) : (along, across, (byte)white));
        }

        return [.. sites];
    }

    private static byte Nearest((float X, float Y, byte Class)[] sites, float x, float y)
    {
        var nearest = float.MaxValue;
        byte tissue = 0;
        foreach (var site in sites)
        {
            var distance = ((site.X - x) * (site.X - x)) + ((site.Y - y) * (site.Y - y));
            if (distance < nearest)
            {
                (nearest, tissue) = (distance, site.Class);
            }
        }

        return tissue;
    }
}
