using Mlps.Torch.Runtime;
using TorchSharp;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class LibTorchTests
{
    [Fact]
    public void EnsureLoaded_OnThisMachine_LetsTorchSharpCompute()
    {
        LibTorch.EnsureLoaded();

        using torch.Tensor sum = torch.ones(3).sum();

        Assert.Equal(3f, sum.item<float>());
    }

    [Fact]
    public void EnsureLoaded_FromManyThreads_LoadsOnce()
    {
        Parallel.For(0, 16, _ => LibTorch.EnsureLoaded());

        Assert.Single(File.ReadLines("/proc/self/maps")
            .Where(line => line.EndsWith("libLibTorchSharp.so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
            .Distinct());
    }
}
