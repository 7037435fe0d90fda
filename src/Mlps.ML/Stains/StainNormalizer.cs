namespace Mlps.ML;

/// <summary>Gives images the stains of a reference; safe to use from several threads.</summary>
/// <param name="rule">What tissue is.</param>
/// <param name="sampledPixels">Pixels of an image that its stains are computed from, at most.</param>
/// <param name="seed">Fixes which.</param>
internal abstract class StainNormalizer(TissueRule rule, int sampledPixels, int seed)
{
    protected TissueRule Rule => rule;

    /// <summary>Changes an image's pixels.</summary>
    /// <returns>Whether it did: an image with hardly any tissue, or of a single colour, stays as it is.</returns>
    public bool TryApply(StainPixels image)
    {
        using var sample = new TissueSample(rule, (int)Math.Min(sampledPixels, (long)image.Width * image.Height), seed);
        sample.Add(image);
        if (!sample.IsEnough)
        {
            return false;
        }

        Apply(image, sample.Pixels);
        return true;
    }

    /// <summary>Changes an image's pixels.</summary>
    /// <param name="image">The image.</param>
    /// <param name="tissue">Some or all of its pixels of tissue, of more than one colour.</param>
    protected abstract void Apply(StainPixels image, ReadOnlySpan<uint> tissue);

    /// <summary>An intensity from a share of light, the inverse of <see cref="TissueRule.DensityOf"/>.</summary>
    protected static byte ToIntensity(double share) => (byte)Math.Clamp((256 * share) - 0.5, 0, byte.MaxValue);
}
