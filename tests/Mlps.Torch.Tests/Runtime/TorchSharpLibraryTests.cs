using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class TorchSharpLibraryTests
{
    [LinuxX64Fact]
    public void Prepare_HostWithEveryVersion_IsTheOriginalAndLeavesTheCacheAlone()
    {
        using var folder = new TemporaryFolder();
        var cache = folder.Combine("cache");

        var path = new TorchSharpLibrary(Natives.TorchSharpLibraryPath, Natives.HostVersionsWithout(), []).Prepare(new PatchedLibraryCache(cache));

        Assert.Equal(Natives.TorchSharpLibraryPath, path);
        Assert.False(Directory.Exists(cache));
    }

    [LinuxX64Fact]
    public void Prepare_HostLikeDebian12_IsACopyInTheCache()
    {
        using var folder = new TemporaryFolder();
        var host = Natives.HostVersionsWithout(Natives.VersionThatDebian12Lacks);

        var path = new TorchSharpLibrary(Natives.TorchSharpLibraryPath, host, []).Prepare(new PatchedLibraryCache(folder.Path));

        Assert.StartsWith(folder.Path, path, StringComparison.Ordinal);
        Assert.False(new TorchSharpLibrary(path, host, []).NeedsCopy);
    }
}
