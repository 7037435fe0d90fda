using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests;

/// <summary>How far tensors are apart: the norm of their difference over the norm of the exact one, in double precision.</summary>
internal static class RelativeDistance
{
    /// <summary>The distance of a tensor from the exact one.</summary>
    public static double Between(Tensor exact, Tensor actual)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var reference = exact.to(ScalarType.Float64);
        return actual.to(ScalarType.Float64).sub(reference).norm().ToDouble() / reference.norm().ToDouble();
    }

    /// <summary>Fails where shapes differ, or the distance is not below a limit.</summary>
    public static void AssertBelow(double limit, Tensor exact, Tensor actual)
    {
        Assert.Equal(exact.shape, actual.shape);
        var distance = Between(exact, actual);
        Assert.True(distance < limit, $"The relative distance is {distance:g3}, not below {limit:g3}.");
    }
}
