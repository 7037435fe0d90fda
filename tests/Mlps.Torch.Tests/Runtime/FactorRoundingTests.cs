using Mlps.Torch.Runtime;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>What GPUs do with the factors of products is set for a computation, and given back.</summary>
/// <remarks>The settings are there without a GPU, and nothing on a CPU reads them.</remarks>
public sealed class FactorRoundingTests : IDisposable
{
    private readonly (bool, bool) _before = Settings;

    private static (bool Products, bool Convolutions) Settings
    {
        get => (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        set => (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = value;
    }

    public void Dispose() => Settings = _before;

    [Theory]
    [InlineData(Precision.Full, false, true, false)]
    [InlineData(Precision.Full, true, false, false)]
    [InlineData(Precision.TensorFloat32, false, true, true)]
    [InlineData(Precision.TensorFloat32, false, false, true)]
    [InlineData(Precision.BFloat16, true, false, true)]
    public void Scope_SetsBothAndGivesTheHostsBack(Precision precision, bool hostsProducts, bool hostsConvolutions, bool rounds)
    {
        Settings = (hostsProducts, hostsConvolutions);

        using (FactorRounding.Of(precision))
        {
            Assert.Equal((rounds, rounds), Settings);
        }

        Assert.Equal((hostsProducts, hostsConvolutions), Settings);
    }

    [Fact]
    public void Scopes_AtOnce_ComputeAsTheMostExactAsks()
    {
        Settings = (false, true);
        using var rounding = FactorRounding.Of(Precision.TensorFloat32);
        var exact = FactorRounding.Of(Precision.Full);
        var another = FactorRounding.Of(Precision.Full);

        Assert.Equal((false, false), Settings);
        exact.Dispose();
        exact.Dispose();
        Assert.Equal((false, false), Settings);
        another.Dispose();
        Assert.Equal((true, true), Settings);
        rounding.Dispose();
        Assert.Equal((false, true), Settings);
    }

    [Fact]
    public void OnACpu_NothingIsSet()
    {
        Settings = (false, true);

        using var rounding = FactorRounding.On(CPU, Precision.Full);

        Assert.Null(rounding);
        Assert.Equal((false, true), Settings);
    }

    [Fact]
    public void OnAGpu_SomethingIsSet()
    {
        Settings = (false, true);

        using var rounding = FactorRounding.On(new Device(DeviceType.CUDA, 0), Precision.Full);

        Assert.Equal((false, false), Settings);
    }
}
