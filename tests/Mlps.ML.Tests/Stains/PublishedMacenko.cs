namespace Mlps.ML.Tests.Stains;

/// <summary>Macenko's method step by step in double precision, with other algorithms than the library's: power iteration for axes, sorting for percentiles, Cramer's rule for amounts.</summary>
internal sealed record PublishedMacenko(double[] Haematoxylin, double[] Eosin, double MostHaematoxylin, double MostEosin)
{
    public static PublishedMacenko Of(byte[] rgb, double threshold = 0.15, double anglePercentile = 1, double concentrationPercentile = 99)
    {
        var tissue = Densities(rgb).Where((density, pixel) => IsTissue(density, rgb.AsSpan(pixel * 3, 3), threshold)).ToArray();
        var first = PowerIteration(tissue, avoid: null);
        var second = PowerIteration(tissue, avoid: first);
        if (first.Sum() < 0)
        {
            first = [.. first.Select(value => -value)];
        }

        var angles = tissue.Select(density => Math.Atan2(Dot(density, second), Dot(density, first))).Order().ToArray();
        double[][] stains = [.. ((double[])[anglePercentile, 100 - anglePercentile]).Select(percent => Percentile(angles, percent))
            .Select(angle => first.Zip(second, (one, other) => (Math.Cos(angle) * one) + (Math.Sin(angle) * other)).ToArray()).OrderByDescending(stain => stain[0])];
        var amounts = tissue.Select(density => Amounts(density, stains[0], stains[1])).ToArray();
        return new(
            stains[0],
            stains[1],
            Percentile([.. amounts.Select(amount => amount.Haematoxylin).Order()], concentrationPercentile),
            Percentile([.. amounts.Select(amount => amount.Eosin).Order()], concentrationPercentile));
    }

    /// <summary>The image with these stains replaced by others.</summary>
    public byte[] Apply(byte[] rgb, PublishedMacenko reference) => [.. Densities(rgb).SelectMany(density =>
    {
        var (haematoxylin, eosin) = Amounts(density, Haematoxylin, Eosin);
        haematoxylin *= reference.MostHaematoxylin / MostHaematoxylin;
        eosin *= reference.MostEosin / MostEosin;
        return Enumerable.Range(0, 3).Select(channel => Intensity((haematoxylin * reference.Haematoxylin[channel]) + (eosin * reference.Eosin[channel])));
    })];

    public static double Degrees(double[] one, double[] other) => Math.Acos(Math.Clamp(Dot(one, other) / Math.Sqrt(Dot(one, one) * Dot(other, other)), -1, 1)) * 180 / Math.PI;

    public static IEnumerable<double[]> Densities(byte[] rgb) => rgb.Chunk(3).Select(pixel => pixel.Select(intensity => -Math.Log((intensity + 1) / 256.0)).ToArray());

    public static bool IsTissue(double[] density, ReadOnlySpan<byte> rgb, double threshold) =>
        Math.Sqrt(Dot(density, density)) / Math.Log(10) >= threshold && (rgb[0] >= 16 || rgb[1] >= 16 || rgb[2] >= 16);

    public static byte Intensity(double density) => (byte)Math.Clamp(Math.Round((256 * Math.Exp(-density)) - 1), 0, 255);

    private static (double Haematoxylin, double Eosin) Amounts(double[] density, double[] haematoxylin, double[] eosin)
    {
        double hh = Dot(haematoxylin, haematoxylin), he = Dot(haematoxylin, eosin), ee = Dot(eosin, eosin), hd = Dot(haematoxylin, density), ed = Dot(eosin, density);
        var determinant = (hh * ee) - (he * he);
        return (((hd * ee) - (he * ed)) / determinant, ((hh * ed) - (he * hd)) / determinant);
    }

    /// <summary>The direction along which uncentred values extend furthest, at a right angle to another.</summary>
    private static double[] PowerIteration(double[][] values, double[]? avoid)
    {
        double[] vector = [0.3, -0.5, 0.8];
        for (var round = 0; round < 3000; round++)
        {
            if (avoid is not null)
            {
                var along = Dot(vector, avoid);
                vector = [.. vector.Select((value, i) => value - (along * avoid[i]))];
            }

            var next = new double[3];
            foreach (var value in values)
            {
                var along = Dot(vector, value);
                for (var i = 0; i < 3; i++)
                {
                    next[i] += along * value[i];
                }
            }

            var length = Math.Sqrt(Dot(next, next));
            vector = [.. next.Select(value => value / length)];
        }

        return vector;
    }

    private static double Percentile(double[] sorted, double percent)
    {
        var position = percent / 100 * (sorted.Length - 1);
        var lower = (int)Math.Floor(position);
        return sorted[lower] + ((position - lower) * (sorted[Math.Min(lower + 1, sorted.Length - 1)] - sorted[lower]));
    }

    private static double Dot(double[] one, double[] other) => (one[0] * other[0]) + (one[1] * other[1]) + (one[2] * other[2]);
}
