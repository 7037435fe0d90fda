namespace Mlps.ML;

/// <summary>Replaces an image's stains by the reference's, with amounts scaled so that their largest are the reference's.</summary>
/// <remarks>
/// Macenko et al., ISBI 2009. Amounts and densities depend linearly on the densities of the image, and intensities are their exponentials: each new intensity is a product of three factors, one for each old intensity, which are looked up.
/// </remarks>
/// <param name="rule">What tissue is.</param>
/// <param name="threshold">The threshold of that rule, decadic: a stain with less than this is not there, and its amounts stay.</param>
/// <param name="reference">The stains that images are given.</param>
/// <param name="percentiles">Of angles and of amounts.</param>
/// <param name="sampledPixels">Pixels of an image that its stains are computed from, at most.</param>
/// <param name="seed">Fixes which.</param>
internal sealed class MacenkoNormalizer(TissueRule rule, double threshold, MacenkoStains reference, (double Angle, double Concentration) percentiles, int sampledPixels, int seed)
    : StainNormalizer(rule, sampledPixels, seed)
{
    private const int Levels = 256;
    private const int Channels = 3;

    /// <summary>Three factors below e^200 have a product within double precision.</summary>
    private const double LargestExponent = 200;

    private readonly double _least = threshold * Math.Log(10);

    protected override void Apply(StainPixels image, ReadOnlySpan<uint> tissue)
    {
        Span<double> factors = stackalloc double[Channels * Channels * Levels];
        FillFactors(Transform(MacenkoStains.Estimate(tissue, percentiles.Angle, percentiles.Concentration, reference)!), factors);
        var bytes = image.Bytes;
        int red = image.Red, blue = image.Blue;
        ReadOnlySpan<double> fromRed = factors[..(Channels * Levels)], fromGreen = factors.Slice(Channels * Levels, Channels * Levels), fromBlue = factors[(2 * Channels * Levels)..];
        for (var at = 0; at < bytes.Length; at += StainPixels.BytesPerPixel)
        {
            var (r, g, b) = (bytes[at + red], bytes[at + 1], bytes[at + blue]);
            if (TissueRule.IsOpaque(r, g, b))
            {
                continue;
            }

            bytes[at + red] = ToIntensity(fromRed[r] * fromGreen[g] * fromBlue[b]);
            bytes[at + 1] = ToIntensity(fromRed[r + Levels] * fromGreen[g + Levels] * fromBlue[b + Levels]);
            bytes[at + blue] = ToIntensity(fromRed[r + (2 * Levels)] * fromGreen[g + (2 * Levels)] * fromBlue[b + (2 * Levels)]);
        }
    }

    /// <summary>The matrix from old densities to new ones: rows are new red, green and blue.</summary>
    private ColorVector[] Transform(MacenkoStains own)
    {
        var (toHaematoxylin, toEosin) = own.Unmix();
        toHaematoxylin = Scale(own.MostHaematoxylin, reference.MostHaematoxylin) * toHaematoxylin;
        toEosin = Scale(own.MostEosin, reference.MostEosin) * toEosin;
        return [.. reference.Haematoxylin.ToArray().Zip(reference.Eosin.ToArray(), (haematoxylin, eosin) => (haematoxylin * toHaematoxylin) + (eosin * toEosin))];
    }

    private double Scale(double own, double wanted) => own >= _least && wanted >= _least ? wanted / own : 1;

    /// <summary>What each old intensity of each channel multiplies each new intensity by: [old channel, new channel, intensity].</summary>
    private static void FillFactors(ColorVector[] transform, Span<double> factors)
    {
        for (var intensity = 0; intensity < Levels; intensity++)
        {
            var density = TissueRule.DensityOf(intensity);
            for (var target = 0; target < Channels; target++)
            {
                var row = transform[target].ToArray();
                for (var source = 0; source < Channels; source++)
                {
                    factors[(((source * Channels) + target) * Levels) + intensity] = Math.Exp(Math.Clamp(-row[source] * density, -LargestExponent, LargestExponent));
                }
            }
        }
    }
}
