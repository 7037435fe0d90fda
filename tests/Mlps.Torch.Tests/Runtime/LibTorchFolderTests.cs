using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class LibTorchFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FromVariable_MissingFolder_NamesVariableAndFolder()
    {
        var exception = Assert.Throws<LibTorchLoadException>(() => LibTorchFolder.FromVariable(_folder.Combine("nowhere")));

        Assert.Contains("MLPS_LIBTORCH", exception.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Combine("nowhere"), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromVariable_EmptyFolder_NamesTheMissingFile()
    {
        var exception = Assert.Throws<LibTorchLoadException>(() => LibTorchFolder.FromVariable(_folder.Path));

        Assert.Contains("libtorch_cpu.so", exception.Message, StringComparison.Ordinal);
        Assert.Contains("torch/lib", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lib")]
    [InlineData("torch/lib")]
    public void FromVariable_FolderAboveLibTorch_SuggestsTheRightOne(string below)
    {
        Place(below, "libtorch_cpu.so");

        var exception = Assert.Throws<LibTorchLoadException>(() => LibTorchFolder.FromVariable(_folder.Path));

        Assert.Contains($"Did you mean '{_folder.Combine(below)}'?", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesToLoad_CudaFolder_NamesEachLibraryAfterThoseItNeeds()
    {
        Place("lib", "libtorch.so", "libtorch_cuda.so", "libc10_cuda.so", "libtorch_cpu.so", "libc10.so", "libtorch_python.so");

        var libTorch = LibTorchFolder.FromVariable(_folder.Combine("lib/"));

        Assert.True(libTorch.HasCuda);
        Assert.Equal(["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"], libTorch.FilesToLoad.Select(Path.GetFileName));
    }

    [Fact]
    public void FilesToLoad_CpuFolder_LeavesCudaOut()
    {
        Place("lib", "libtorch.so", "libtorch_cpu.so", "libc10.so");

        var libTorch = LibTorchFolder.FromVariable(_folder.Combine("lib"));

        Assert.False(libTorch.HasCuda);
        Assert.Equal(["libc10.so", "libtorch_cpu.so", "libtorch.so"], libTorch.FilesToLoad.Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("build-version", "2.10.0+cu128\n", true)]
    [InlineData("build-version", "2.11.0+cu130\n", true)]
    [InlineData("version.py", "from typing import Optional\n__version__ = '2.10.1'\ndebug = False\n", true)]
    [InlineData("version.py", "from typing import Optional\n__version__ = '1.13.1+cu117'\ndebug = False\n", false)]
    [InlineData("version.py", "nothing = 1\n", true)]
    public void CheckVersion_LibTorchThatSaysItsVersion_IsRefusedWhenTheMajorVersionDiffers(string file, string content, bool fits)
    {
        Place("lib", "libtorch_cpu.so");
        File.WriteAllText(_folder.Combine(file), content);

        var exception = Record.Exception(() => new LibTorchFolder(_folder.Combine("lib")).CheckVersion("2.10.0.0"));

        Assert.Equal(fits, exception is null);
        Assert.True(fits || exception is LibTorchLoadException && exception.Message.Contains("needs libtorch 2.10", StringComparison.Ordinal));
    }

    [Fact]
    public void ExpectedVersion_ThisTorchSharp_IsKnown()
    {
        Assert.StartsWith("2.10", LibTorchFolder.ExpectedVersion, StringComparison.Ordinal);
    }

    private void Place(string folder, params string[] files)
    {
        Directory.CreateDirectory(_folder.Combine(folder));
        foreach (var file in files)
        {
            File.WriteAllBytes(_folder.Combine($"{folder}/{file}"), []);
        }
    }
}
