using System.Buffers;

namespace Mlps.ML;

/// <summary>The directions of an image's two stains in the space of optical densities.</summary>
/// <remarks>
/// Macenko et al., ISBI 2009: by the light's law, densities of tissue with two stains lie in a plane through the origin, between the directions of the pure stains. The plane comes from a singular value decomposition of the densities, and the
/// directions are robust extremes of the pixels' angles in it.
/// </remarks>
internal static class StainPlane
{
    /// <summary>The directions of length 1. Haematoxylin is the one that takes more red light.</summary>
    /// <param name="pixels">Tissue, as in <see cref="TissueSample.Pixels"/>.</param>
    /// <param name="percentile">So many percent of the pixels lie beyond each direction.</param>
    public static (ColorVector Haematoxylin, ColorVector Eosin) Find(ReadOnlySpan<uint> pixels, double percentile)
    {
        var axes = SymmetricMatrix.Eigenvectors(SecondMoments(pixels));

        // Densities are not negative, so the first axis has one sign.
        var first = axes[0].Dot(new(1, 1, 1)) < 0 ? -1 * axes[0] : axes[0];
        var second = axes[1];
        var rented = ArrayPool<float>.Shared.Rent(pixels.Length);
        try
        {
            var slopes = rented.AsSpan(0, pixels.Length);
            FillSlopes(pixels, first, second, slopes);
            var one = AtAngle(Angle(Percentiles.Bracket(slopes, percentile)), first, second);
            var other = AtAngle(Angle(Percentiles.Bracket(slopes, 100 - percentile)), first, second);
            return one.Red >= other.Red ? (one, other) : (other, one);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    private static double[,] SecondMoments(ReadOnlySpan<uint> pixels)
    {
        var densities = TissueRule.Densities;
        double rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0;
        foreach (var pixel in pixels)
        {
            double r = densities[(byte)pixel], g = densities[(byte)(pixel >> 8)], b = densities[(byte)(pixel >> 16)];
            rr += r * r;
            rg += r * g;
            rb += r * b;
            gg += g * g;
            gb += g * b;
            bb += b * b;
        }

        return new[,] { { rr, rg, rb }, { rg, gg, gb }, { rb, gb, bb } };
    }

    /// <summary>For each pixel a number from −1 to 1 that rises with its angle from the first axis, and costs no arc tangent.</summary>
    private static void FillSlopes(ReadOnlySpan<uint> pixels, ColorVector first, ColorVector second, Span<float> slopes)
    {
        var densities = TissueRule.Densities;
        float fr = (float)first.Red, fg = (float)first.Green, fb = (float)first.Blue;
        float sr = (float)second.Red, sg = (float)second.Green, sb = (float)second.Blue;
        for (var i = 0; i < pixels.Length; i++)
        {
            var pixel = pixels[i];
            float r = densities[(byte)pixel], g = densities[(byte)(pixel >> 8)], b = densities[(byte)(pixel >> 16)];
            var across = (sr * r) + (sg * g) + (sb * b);
            var sum = MathF.Abs((fr * r) + (fg * g) + (fb * b)) + MathF.Abs(across);

            // A density at right angles to both axes has no angle in their plane; it counts as one along the first.
            slopes[i] = sum > 0 ? across / sum : 0;
        }
    }

    private static double Angle((float Lower, float Upper, double Share) slope)
    {
        var lower = Angle(slope.Lower);
        return lower + (slope.Share * (Angle(slope.Upper) - lower));
    }

    private static double Angle(double slope) => Math.Atan2(slope, 1 - Math.Abs(slope));

    private static ColorVector AtAngle(double angle, ColorVector first, ColorVector second) => (Math.Cos(angle) * first) + (Math.Sin(angle) * second);
}
