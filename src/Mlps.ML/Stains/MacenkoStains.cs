using System.Buffers;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>Two stains and how much of each there is at most, without the highest amounts.</summary>
/// <param name="Haematoxylin">Optical density of an amount of 1, of length 1.</param>
/// <param name="Eosin">The same of the other stain.</param>
/// <param name="MostHaematoxylin">A high percentile of the amounts.</param>
/// <param name="MostEosin">The same of the other stain.</param>
internal sealed record MacenkoStains(ColorVector Haematoxylin, ColorVector Eosin, double MostHaematoxylin, double MostEosin)
{
    /// <summary>Directions closer than this are one stain and its noise; real ones are 15° apart and more.</summary>
    public const double LeastDegrees = 5;

    /// <summary>Throws when a direction is not one, the two are nearly one, or an amount is not a finite number, 0 or above.</summary>
    /// <exception cref="ArgumentException">They are not what <see cref="Estimate"/> gives.</exception>
    public void Check()
    {
        const double tolerance = 1e-3;
        if (!(Math.Abs(Haematoxylin.Dot(Haematoxylin) - 1) < tolerance) || !(Math.Abs(Eosin.Dot(Eosin) - 1) < tolerance) || !(Haematoxylin.DegreesTo(Eosin) >= LeastDegrees))
        {
            throw new ArgumentException($"The stains' directions must be two of length 1, {LeastDegrees} degrees or more apart; they are {Haematoxylin} and {Eosin}.");
        }

        Guard.NotNegative(MostHaematoxylin);
        Guard.NotNegative(MostEosin);
    }

    /// <summary>Computes the stains of tissue.</summary>
    /// <param name="pixels">Tissue of more than one colour, as in <see cref="TissueSample.Pixels"/>.</param>
    /// <param name="anglePercentile">So many percent of the pixels lie beyond each stain's direction.</param>
    /// <param name="concentrationPercentile">The percentile that is taken as a stain's largest amount.</param>
    /// <param name="reference">Tells which stain it is where there is only one, and has the other one's direction.</param>
    /// <returns>The stains; null where there is only one, and no reference.</returns>
    public static MacenkoStains? Estimate(ReadOnlySpan<uint> pixels, double anglePercentile, double concentrationPercentile, MacenkoStains? reference)
    {
        var (haematoxylin, eosin) = StainPlane.Find(pixels, anglePercentile);
        if (!(haematoxylin.DegreesTo(eosin) >= LeastDegrees))
        {
            if (reference is null)
            {
                return null;
            }

            var only = haematoxylin;
            (haematoxylin, eosin) = only.DegreesTo(reference.Haematoxylin) <= only.DegreesTo(reference.Eosin) ? (only, reference.Eosin) : (reference.Haematoxylin, only);
        }

        var (toHaematoxylin, toEosin) = Unmix(haematoxylin, eosin);
        return new MacenkoStains(haematoxylin, eosin, Most(pixels, toHaematoxylin, concentrationPercentile), Most(pixels, toEosin, concentrationPercentile));
    }

    /// <summary>The rows of the pseudo-inverse: their products with a density are the amounts of haematoxylin and eosin, least squares.</summary>
    public (ColorVector ToHaematoxylin, ColorVector ToEosin) Unmix() => Unmix(Haematoxylin, Eosin);

    private static (ColorVector ToHaematoxylin, ColorVector ToEosin) Unmix(ColorVector haematoxylin, ColorVector eosin)
    {
        var cosine = haematoxylin.Dot(eosin);
        var factor = 1 / (1 - (cosine * cosine));
        return (factor * (haematoxylin - (cosine * eosin)), factor * (eosin - (cosine * haematoxylin)));
    }

    private static double Most(ReadOnlySpan<uint> pixels, ColorVector unmix, double percentile)
    {
        var densities = TissueRule.Densities;
        float red = (float)unmix.Red, green = (float)unmix.Green, blue = (float)unmix.Blue;
        var rented = ArrayPool<float>.Shared.Rent(pixels.Length);
        try
        {
            var amounts = rented.AsSpan(0, pixels.Length);
            for (var i = 0; i < pixels.Length; i++)
            {
                var pixel = pixels[i];
                amounts[i] = (red * densities[(byte)pixel]) + (green * densities[(byte)(pixel >> 8)]) + (blue * densities[(byte)(pixel >> 16)]);
            }

            return Percentiles.Compute(amounts, percentile);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }
}
