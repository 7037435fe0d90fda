using Mlps.Torch.Inference;
using Mlps.Torch.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>cuDNN's search for algorithms is switched on for a computation, and the host's setting given back.</summary>
/// <remarks>The setting is there without a GPU, and nothing on a CPU reads it.</remarks>
public sealed class ConvolutionSearchTests : IDisposable
{
    private readonly bool _before = CuDnnSetting.Searches;

    public void Dispose() => CuDnnSetting.Searches = _before;

    [Fact]
    public void Setting_IsFoundOnLinux() => Assert.Equal(OperatingSystem.IsLinux(), CuDnnSetting.IsKnown);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scopes_SwitchItOnAndGiveTheHostsBack(bool hosts)
    {
        CuDnnSetting.Searches = hosts;
        Assert.Equal(hosts, CuDnnSetting.Searches);

        using var first = ConvolutionSearch.OnAny();
        var second = ConvolutionSearch.OnAny();

        Assert.True(CuDnnSetting.Searches);
        second.Dispose();
        second.Dispose();
        Assert.True(CuDnnSetting.Searches);
        first.Dispose();
        Assert.Equal(hosts, CuDnnSetting.Searches);
    }

    [Fact]
    public void OnACpu_NothingIsSet()
    {
        CuDnnSetting.Searches = false;

        using var search = ConvolutionSearch.On(CPU);

        Assert.Null(search);
        Assert.False(CuDnnSetting.Searches);
    }

    [Fact]
    public void Repeats_TheLastShapeOnly()
    {
        using var scope = NewDisposeScope();
        using var network = new PredictionNetwork<nn.Module<Tensor, Tensor>>(nn.Identity(), () => nn.Identity(), CPU);
        Tensor small = zeros([1, 3, 8, 8]), large = zeros([1, 3, 8, 16]);

        Assert.Equal([false, true, false, false, true], new[] { small, small, large, small, small }.Select(network.Repeats));
    }
}
