using System.Numerics.Tensors;

namespace Mlps.ML;

/// <summary>Mean and standard deviation of colours along l, α and β.</summary>
/// <param name="Means">Of l, α and β.</param>
/// <param name="Deviations">Of l, α and β.</param>
internal sealed record ReinhardColors(IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)
{
    private const int Block = 1024;

    /// <summary>Throws when there are not three finite means and three finite deviations, 0 or above.</summary>
    /// <exception cref="ArgumentException">They are not what <see cref="Estimate"/> gives.</exception>
    public void Check()
    {
        if (Means.Count != 3 || Deviations.Count != 3 || !Means.All(double.IsFinite) || !Deviations.All(value => double.IsFinite(value) && value >= 0))
        {
            throw new ArgumentException($"{nameof(Means)} and {nameof(Deviations)} must be three finite numbers each, deviations 0 or above.");
        }
    }

    /// <summary>Computes both.</summary>
    /// <param name="pixels">As in <see cref="TissueSample.Pixels"/>, one at least.</param>
    public static ReinhardColors Estimate(ReadOnlySpan<uint> pixels)
    {
        var sums = new double[3];
        var squares = new double[3];
        Span<float> cones = stackalloc float[3 * Block];
        var shares = LogCones.Shares;
        for (var first = 0; first < pixels.Length; first += Block)
        {
            var some = pixels.Slice(first, Math.Min(Block, pixels.Length - first));
            for (var cone = 0; cone < 3; cone++)
            {
                var values = cones.Slice(cone * Block, some.Length);
                float red = (float)LogCones.FromRgb[cone, 0], green = (float)LogCones.FromRgb[cone, 1], blue = (float)LogCones.FromRgb[cone, 2];
                for (var i = 0; i < some.Length; i++)
                {
                    values[i] = (red * shares[(byte)some[i]]) + (green * shares[(byte)(some[i] >> 8)]) + (blue * shares[(byte)(some[i] >> 16)]);
                }

                TensorPrimitives.Log10(values, values);
            }

            for (var axis = 0; axis < 3; axis++)
            {
                double l = LogCones.ToLab[axis, 0], m = LogCones.ToLab[axis, 1], s = LogCones.ToLab[axis, 2];
                for (var i = 0; i < some.Length; i++)
                {
                    var value = (l * cones[i]) + (m * cones[Block + i]) + (s * cones[(2 * Block) + i]);
                    sums[axis] += value;
                    squares[axis] += value * value;
                }
            }
        }

        double count = pixels.Length;
        double[] means = [.. sums.Select(sum => sum / count)];
        return new(means, [.. squares.Select((square, axis) => Math.Sqrt(Math.Max(0, (square / count) - (means[axis] * means[axis]))))]);
    }
}
