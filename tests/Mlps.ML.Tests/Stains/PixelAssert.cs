using Xunit;

namespace Mlps.ML.Tests.Stains;

/// <summary>Compares pixels with those of a computation in double precision.</summary>
internal static class PixelAssert
{
    /// <summary>At most one step apart, and that in less than one of a hundred values, where rounding decides.</summary>
    public static void Close(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var apart = expected.Zip(actual, (one, other) => Math.Abs(one - other)).ToArray();
        Assert.InRange(apart.Max(), 0, 1);
        Assert.InRange(apart.Sum(), 0, expected.Length / 100);
    }
}
