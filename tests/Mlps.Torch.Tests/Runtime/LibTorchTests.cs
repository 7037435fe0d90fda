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

        using var sum = torch.ones(3).sum();

        Assert.Equal(3f, sum.item<float>());
    }

    [LinuxX64Fact]
    public void EnsureLoaded_FromManyThreads_LoadsOnce()
    {
        Parallel.For(0, 16, _ => LibTorch.EnsureLoaded());

        Assert.Single(File.ReadLines("/proc/self/maps")
            .Where(line => line.EndsWith("libLibTorchSharp.so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
            .Distinct());
    }

    [LinuxX64Fact]
    public void Diagnose_AfterLoading_NamesTheFilesInThisProcess()
    {
        LibTorch.EnsureLoaded();

        var text = LibTorch.Diagnose();

        Assert.Contains($"libtorch_cpu.so from {Natives.LibTorchFolderPath}", text, StringComparison.Ordinal);
        Assert.Contains("built for libtorch 2.10", text, StringComparison.Ordinal);
        Assert.All(
            (string[])[ProcessSettings.LoadLibTorch, ProcessSettings.KeepFreedMemory, ProcessSettings.WaitBriefly, ProcessSettings.CorrectCaches, ProcessSettings.SearchConvolutions],
            name => Assert.Contains($"{name}: ", text, StringComparison.Ordinal));
    }
}
