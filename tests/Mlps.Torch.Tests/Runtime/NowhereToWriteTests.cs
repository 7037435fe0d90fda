using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Hosts on which neither the user's cache nor the folder of temporary files can be written.</summary>
public sealed class NowhereToWriteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxX64Fact]
    public async Task NeitherCacheNorTemporaryFolder_ACopyInMemoryServes()
    {
        var nowhere = _folder.Combine("nowhere");

        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first", ("XDG_CACHE_HOME", "/proc/mlps"), ("TMPDIR", nowhere), ("DOTNET_EnableDiagnostics", "0"));

        Assert.True(outcome.Computed, outcome.ToString());
        Assert.Equal(Natives.ThisHostNeedsCopy, outcome.Output.Contains("libLibTorchSharp.so from /memfd:libLibTorchSharp.so", StringComparison.Ordinal));
        Assert.False(Directory.Exists(nowhere));
    }

    [LinuxX64Fact]
    public void Load_NoPlaceAtAll_NamesFoldersAndVariables()
    {
        var host = Natives.HostVersionsWithout(Natives.VersionThatDebian12Lacks);
        List<string> steps = [];
        var library = new TorchSharpLibrary(Natives.TorchSharpLibraryPath, host, steps);

        var exception = Assert.Throws<LibTorchLoadException>(() => library.LoadFromFirst([
            ("the user's cache, '/a'", () => throw new UnauthorizedAccessException("The folder '/a' is read-only.")),
            ("the folder of temporary files, '/b'", () => throw new IOException("No room in '/b'."))]));

        Assert.Equal(2, steps.Count);
        Assert.Contains("libLibTorchSharp.so", exception.Message, StringComparison.Ordinal);
        Assert.Contains("the user's cache, '/a': The folder '/a' is read-only.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("the folder of temporary files, '/b': No room in '/b'.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("XDG_CACHE_HOME", exception.Message, StringComparison.Ordinal);
        Assert.Contains("TMPDIR", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MemoryFile_HasTheBytes()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal([1, 2, 3], File.ReadAllBytes(MemoryFile.Write("test", [1, 2, 3])));
        }
    }
}
