using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class PackageCacheTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void NativeFolders_OfAnAssemblyInTheCache_AreItsPackagesAndTheLibTorchItIsBuiltFor()
    {
        foreach (var version in (string[])["2.9.1", "2.10.0", "2.11.0"])
        {
            Directory.CreateDirectory(_cache.Combine("libtorch-cpu-linux-x64", version));
        }

        var folders = PackageCache.NativeFolders(_cache.Combine("torchsharp", "0.107.0", "lib", "net8.0", "TorchSharp.dll"), "2.10.0.0");

        Assert.Equal([Native("torchsharp", "0.107.0"), Native("libtorch-cpu-linux-x64", "2.10.0")], folders);
    }

    [Fact]
    public void NativeFolders_WhereNoVersionIsKnown_AreTheNewestFirst()
    {
        foreach (var version in (string[])["2.9.1", "2.10.0"])
        {
            Directory.CreateDirectory(_cache.Combine("libtorch-cpu-linux-x64", version));
        }

        var folders = PackageCache.NativeFolders(_cache.Combine("torchsharp", "0.107.0", "lib", "net8.0", "TorchSharp.dll"), libTorchVersion: null);

        Assert.Equal([Native("torchsharp", "0.107.0"), Native("libtorch-cpu-linux-x64", "2.10.0"), Native("libtorch-cpu-linux-x64", "2.9.1")], folders);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/app/TorchSharp.dll")]
    [InlineData("/TorchSharp.dll")]
    public void NativeFolders_OfAnAssemblyElsewhere_AreNone(string assembly) => Assert.Empty(PackageCache.NativeFolders(assembly, "2.10.0.0"));

    private string Native(string package, string version) => _cache.Combine(package, version, "runtimes/linux-x64/native");
}
