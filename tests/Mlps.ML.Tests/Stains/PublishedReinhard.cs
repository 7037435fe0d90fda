namespace Mlps.ML.Tests.Stains;

/// <summary>Reinhard's transfer step by step in double precision: to lαβ, each axis scaled and shifted, and back.</summary>
internal sealed record PublishedReinhard(double[] Means, double[] Deviations)
{
    private static readonly double[][] _toCones = [[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]];

    public static PublishedReinhard Of(byte[] rgb, double threshold = 0.15)
    {
        var tissue = PublishedMacenko.Densities(rgb).Where((density, pixel) => PublishedMacenko.IsTissue(density, rgb.AsSpan(pixel * 3, 3), threshold))
            .Select(density => ToLab([.. density.Select(value => Math.Exp(-value))])).ToArray();
        double[] means = [.. Enumerable.Range(0, 3).Select(axis => tissue.Average(lab => lab[axis]))];
        return new(means, [.. means.Select((mean, axis) => Math.Sqrt(tissue.Average(lab => (lab[axis] - mean) * (lab[axis] - mean))))]);
    }

    /// <summary>The image with these colours replaced by others; glass fades to no change.</summary>
    public byte[] Apply(byte[] rgb, PublishedReinhard reference, double threshold = 0.15) => [.. PublishedMacenko.Densities(rgb).SelectMany(density =>
    {
        double[] old = [.. density.Select(value => Math.Exp(-value))];
        var lab = ToLab(old).Select((value, axis) => ((value - Means[axis]) * reference.Deviations[axis] / Deviations[axis]) + reference.Means[axis]).ToArray();
        var share = Math.Min(1, Math.Sqrt(density.Sum(value => value * value)) / Math.Log(10) / threshold);
        return FromLab(lab).Select((value, channel) => (byte)Math.Clamp(Math.Round((256 * (old[channel] + (share * (Math.Clamp(value, 1 / 256.0, 1) - old[channel])))) - 1), 0, 255));
    })];

    private static double[] ToLab(double[] rgb)
    {
        var cones = _toCones.Select(row => Math.Log10((row[0] * rgb[0]) + (row[1] * rgb[1]) + (row[2] * rgb[2]))).ToArray();
        return [(cones[0] + cones[1] + cones[2]) / Math.Sqrt(3), (cones[0] + cones[1] - (2 * cones[2])) / Math.Sqrt(6), (cones[0] - cones[1]) / Math.Sqrt(2)];
    }

    private static double[] FromLab(double[] lab)
    {
        double l = lab[0] / Math.Sqrt(3), a = lab[1] / Math.Sqrt(6), b = lab[2] / Math.Sqrt(2);
        return Solve([Math.Pow(10, l + a + b), Math.Pow(10, l + a - b), Math.Pow(10, l - (2 * a))]);
    }

    /// <summary>Red, green and blue of cones, by Gauss.</summary>
    private static double[] Solve(double[] cones)
    {
        double[][] rows = [.. _toCones.Select((row, i) => (double[])[.. row, cones[i]])];
        for (var pivot = 0; pivot < 3; pivot++)
        {
            for (var row = 0; row < 3; row++)
            {
                if (row != pivot)
                {
                    var factor = rows[row][pivot] / rows[pivot][pivot];
                    rows[row] = [.. rows[row].Select((value, i) => value - (factor * rows[pivot][i]))];
                }
            }
        }

        return [.. rows.Select((row, i) => row[3] / row[i])];
    }
}
