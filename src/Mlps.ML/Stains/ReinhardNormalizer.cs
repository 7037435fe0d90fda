using System.Numerics.Tensors;

namespace Mlps.ML;

/// <summary>Gives an image's tissue the reference's mean and standard deviation along l, α and β.</summary>
/// <remarks>
/// Reinhard et al. 2001, equations 10 and 11, with the statistics of tissue alone. Glass would be coloured like tissue: from the density of tissue down to that of white, the change fades away.
/// Scaling and shifting along l, α and β is one linear map of the cones' logarithms.
/// </remarks>
/// <param name="rule">What tissue is.</param>
/// <param name="reference">The colours that images are given.</param>
/// <param name="sampledPixels">Pixels of an image that its colours are computed from, at most.</param>
/// <param name="seed">Fixes which.</param>
internal sealed class ReinhardNormalizer(TissueRule rule, ReinhardColors reference, int sampledPixels, int seed) : StainNormalizer(rule, sampledPixels, seed)
{
    private const int Block = 1024;

    /// <summary>An axis along which colours vary less keeps its spread, which is that of rounding.</summary>
    private const double LeastDeviation = 1e-3;

    /// <summary>Far beyond black and white, where exponentials stay finite.</summary>
    private const float LargestLogarithm = 20;

    private static readonly float[] _toRgb = [.. LogCones.ToRgb.Cast<double>().Select(value => (float)value)];

    protected override void Apply(StainPixels image, ReadOnlySpan<uint> tissue)
    {
        var (map, shift) = Transform(ReinhardColors.Estimate(tissue));
        Span<float> old = stackalloc float[3 * Block];
        Span<float> renewed = stackalloc float[3 * Block];
        var bytes = image.Bytes;
        for (var first = 0; first < bytes.Length; first += Block * StainPixels.BytesPerPixel)
        {
            var some = bytes.Slice(first, Math.Min(Block * StainPixels.BytesPerPixel, bytes.Length - first));
            var count = some.Length / StainPixels.BytesPerPixel;
            ToLogCones(some, image.Red, image.Blue, old);
            for (var cone = 0; cone < 3; cone++)
            {
                var values = renewed.Slice(cone * Block, count);
                float l = map[cone, 0], m = map[cone, 1], s = map[cone, 2], c = shift[cone];
                for (var i = 0; i < count; i++)
                {
                    values[i] = Math.Clamp((l * old[i]) + (m * old[Block + i]) + (s * old[(2 * Block) + i]) + c, -LargestLogarithm, LargestLogarithm);
                }

                TensorPrimitives.Exp(values, values);
            }

            Write(some, image.Red, image.Blue, renewed);
        }
    }

    private static void ToLogCones(ReadOnlySpan<byte> bytes, int red, int blue, Span<float> cones)
    {
        var shares = LogCones.Shares;
        var count = bytes.Length / StainPixels.BytesPerPixel;
        for (var cone = 0; cone < 3; cone++)
        {
            var values = cones.Slice(cone * Block, count);
            float fromRed = (float)LogCones.FromRgb[cone, 0], fromGreen = (float)LogCones.FromRgb[cone, 1], fromBlue = (float)LogCones.FromRgb[cone, 2];
            for (var i = 0; i < count; i++)
            {
                var at = i * StainPixels.BytesPerPixel;
                values[i] = (fromRed * shares[bytes[at + red]]) + (fromGreen * shares[bytes[at + 1]]) + (fromBlue * shares[bytes[at + blue]]);
            }

            TensorPrimitives.Log(values, values);
        }
    }

    private void Write(Span<byte> bytes, int red, int blue, ReadOnlySpan<float> cones)
    {
        for (var i = 0; i < bytes.Length / StainPixels.BytesPerPixel; i++)
        {
            var pixel = bytes.Slice(i * StainPixels.BytesPerPixel, StainPixels.BytesPerPixel);
            var (r, g, b) = (pixel[red], pixel[1], pixel[blue]);
            if (TissueRule.IsOpaque(r, g, b))
            {
                continue;
            }

            var share = Rule.ShareOf(r, g, b);
            pixel[red] = Blend(r, 0, share, cones[i], cones[Block + i], cones[(2 * Block) + i]);
            pixel[1] = Blend(g, 1, share, cones[i], cones[Block + i], cones[(2 * Block) + i]);
            pixel[blue] = Blend(b, 2, share, cones[i], cones[Block + i], cones[(2 * Block) + i]);
        }
    }

    private static byte Blend(byte old, int channel, float share, float l, float m, float s)
    {
        var renewed = (_toRgb[channel * 3] * l) + (_toRgb[(channel * 3) + 1] * m) + (_toRgb[(channel * 3) + 2] * s);
        var before = (old + 1) / 256f;
        return ToIntensity(before + (share * (Math.Clamp(renewed, 1 / 256f, 1) - before)));
    }

    /// <summary>The map of the cones' natural logarithms and what is added to them.</summary>
    private (float[,] Map, float[] Shift) Transform(ReinhardColors own)
    {
        var map = new float[3, 3];
        var shift = new float[3];
        for (var axis = 0; axis < 3; axis++)
        {
            var scale = own.Deviations[axis] >= LeastDeviation ? reference.Deviations[axis] / own.Deviations[axis] : 1;
            var moved = reference.Means[axis] - (scale * own.Means[axis]);
            for (var cone = 0; cone < 3; cone++)
            {
                // The axes are orthonormal, so the way back is the transposed matrix.
                var back = LogCones.ToLab[axis, cone];
                shift[cone] += (float)(Math.Log(10) * back * moved);
                for (var from = 0; from < 3; from++)
                {
                    map[cone, from] += (float)(back * scale * LogCones.ToLab[axis, from]);
                }
            }
        }

        return (map, shift);
    }
}
