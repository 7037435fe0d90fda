using System.Globalization;
using Mlps.Torch.Tests.Devices;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Parity;

/// <summary>Compares results with recorded figures.</summary>
internal static class ParityAssert
{
    /// <summary>Name of a file that gets one line for each comparison: quantity, tolerance, distance.</summary>
    private static readonly string? Table = Environment.GetEnvironmentVariable("MLPS_PARITY_TABLE");
    private static readonly Lock TableLock = new();

    /// <summary>The relative L2 distance is within the tolerance.</summary>
    public static void Close(string quantity, Tensor actual, Tensor expected, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Assert.Equal(expected.shape, actual.shape);
        Close(quantity, Values(actual), Values(expected), tolerance);
    }

    /// <summary>The relative L2 distance is within the tolerance.</summary>
    public static void Close(string quantity, ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var distance = Distance(actual, expected);
        tolerance = TestDevice.Tolerance(tolerance);
        Record(quantity, tolerance, distance);
        Assert.True(distance <= tolerance, string.Create(CultureInfo.InvariantCulture, $"{quantity}: relative L2 distance {distance:g3} exceeds {tolerance:g3}."));
    }

    /// <summary>The relative L2 distance to the recorded figure is within the tolerance; or, where that figure lies on the edge of a ReLU, the distance to this library's own double precision.</summary>
    /// <remarks>A feature within rounding of 0 passes its gradient on one processor and not on another. Then double precision is as far from the recorded figure, and both are within <paramref name="edge"/> of it.</remarks>
    public static void CloseOrOnEdge(string quantity, Tensor actual, Tensor expected, Tensor exact, double tolerance, double edge = 2e-3)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double[] values = Values(actual), recorded = Values(expected), own = Values(exact);
        if (Distance(own, recorded) is var apart && apart > tolerance)
        {
            Assert.True(apart <= edge, string.Create(CultureInfo.InvariantCulture, $"{quantity}: double precision is {apart:g3} from the recorded figure."));
            if (Distance(values, recorded) > tolerance)
            {
                Close(quantity, values, own, tolerance);
                return;
            }
        }

        Close(quantity, values, recorded, tolerance);
    }

    /// <summary>The elements at the recorded indices are within the tolerance, relative to their L2 norm.</summary>
    public static void SamplesClose(string quantity, Tensor actual, (long[] Index, double[] Value) recorded, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var values = Values(actual);
        Close(quantity, [.. recorded.Index.Select(index => values[index])], recorded.Value, tolerance);
    }

    /// <summary>At least 99.99 % of the pixels are equal, and every other one has a margin between its two best scores under 1e-5.</summary>
    /// <param name="quantity">What the masks are.</param>
    /// <param name="actual">Class indices.</param>
    /// <param name="expected">Recorded class indices.</param>
    /// <param name="scores">[C, pixels], the recorded scores that the classes were chosen by.</param>
    public static void SameMask(string quantity, ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected, float[][] scores)
    {
        Assert.Equal(expected.Length, actual.Length);
        var differing = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if (actual[i] == expected[i])
            {
                continue;
            }

            differing++;
            var best = scores.Select(map => map[i]).OrderDescending().Take(2).ToArray();
            Assert.True(best[0] - best[1] < 1e-5, $"{quantity}: pixel {i} is {actual[i]}, recorded {expected[i]}, by a margin of {best[0] - best[1]}.");
        }

        Record(quantity + ", differing pixels", 1e-4, differing / (double)expected.Length);
        Assert.True(differing <= Math.Max(1, 1e-4 * expected.Length), $"{quantity}: {differing} of {expected.Length} pixels differ.");
    }

    /// <summary>The elements, in double precision.</summary>
    public static double[] Values(Tensor tensor)
    {
        using var values = tensor.detach().to(ScalarType.Float64).cpu().contiguous();
        return values.data<double>().ToArray();
    }

    /// <summary>Relative L2 distance. Where the recorded values are all 0 (a class that every attention drops), so must the actual ones be.</summary>
    private static double Distance(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        double difference = 0, size = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            size += expected[i] * expected[i];
        }

        return difference == 0 ? 0 : Math.Sqrt(difference / size);
    }

    private static void Record(string quantity, double tolerance, double distance)
    {
        if (Table is not null)
        {
            lock (TableLock)
            {
                File.AppendAllText(Table, string.Create(CultureInfo.InvariantCulture, $"{quantity}\t{tolerance:e2}\t{distance:e2}\n"));
            }
        }
    }
}
