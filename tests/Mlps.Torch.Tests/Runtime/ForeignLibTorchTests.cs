using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>A libtorch of another version on the dynamic linker's path, as distributions put one there.</summary>
public sealed class ForeignLibTorchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _foreign;
    private readonly string _application;

    public ForeignLibTorchTests()
    {
        _foreign = Directory.CreateDirectory(_folder.Combine("foreign")).FullName;
        _application = Directory.CreateDirectory(_folder.Combine("application")).FullName;

        // Libraries that can be loaded and have none of libtorch's functions, numbered and linked as Debian does it.
        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            File.Copy(Path.Combine(Natives.LibTorchFolderPath, "libtorch_global_deps.so"), Path.Combine(_foreign, $"{name}.1.13.0"));
            File.CreateSymbolicLink(Path.Combine(_foreign, name), $"{name}.1.13.0");
        }

        foreach (var needed in Directory.GetFiles(Natives.LibTorchFolderPath, "libgomp*"))
        {
            File.Copy(needed, Path.Combine(_foreign, Path.GetFileName(needed)));
        }
    }

    public void Dispose() => _folder.Dispose();

    [LinuxX64Theory]
    [InlineData("first")]
    [InlineData("hook")]
    public async Task ApplicationWithItsOwn_TakesItsOwn(string mode)
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync(mode, ("LD_LIBRARY_PATH", _foreign));

        AssertComputedWithAnother(outcome);
    }

    [LinuxX64Theory]
    [InlineData("first")]
    [InlineData("hook")]
    public async Task ApplicationWithoutOne_TakesTheNamedOne(string mode)
    {
        LoadProbeProcess.PlaceWithoutLibTorch(_application);

        var outcome = await LoadProbeProcess.RunInAsync(_application, mode, ("LD_LIBRARY_PATH", _foreign), ("MLPS_LIBTORCH", Natives.LibTorchFolderPath));

        AssertComputedWithAnother(outcome);
    }

    [LinuxX64Theory]
    [InlineData("first")]
    [InlineData("hook")]
    public async Task ApplicationWithoutOne_SaysWhichIsThereAndLeavesIt(string mode)
    {
        LoadProbeProcess.PlaceWithoutLibTorch(_application);

        var outcome = await LoadProbeProcess.RunInAsync(_application, mode, ("LD_LIBRARY_PATH", _foreign));

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(
            $"This application carries no libtorch, and the one on the dynamic linker's path, '{_foreign}/libtorch_cpu.so', is libtorch 1.13.0; TorchSharp needs libtorch 2.10. It was not loaded.", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("TorchSharp-cpu", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("MLPS_LIBTORCH", outcome.Error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task HostThatUsedTorchSharpFirst_IsToldWhichLibTorchIsInTheProcess()
    {
        LoadProbeProcess.PlaceWithoutLibTorch(_application);

        var outcome = await LoadProbeProcess.RunInAsync(_application, "host", ("LD_LIBRARY_PATH", _foreign));

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"This process has already loaded '{_foreign}/libtorch_cpu.so.1.13.0', libtorch 1.13.0;", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("EnsureLoaded", outcome.Error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task HostThatUsedTorchSharpFirstAndFailed_IsToldThatItDoesNotTryAgain()
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("host");

        // Where the host's C++ library is new enough, TorchSharp succeeds by itself.
        Assert.True(outcome.Computed || outcome.Error.StartsWith("TorchSharp has failed in this process, and does not try again", StringComparison.Ordinal), outcome.ToString());
        Assert.Equal(Natives.ThisHostNeedsCopy, !outcome.Computed);
    }

    [LinuxX64Fact]
    public async Task FailedTry_InAPackageCache_CopiesNothing()
    {
        // TorchSharp's assembly in a package cache, as notebook engines load it, with a libtorch there that cannot be loaded: TorchSharp by itself would copy it beside its assembly.
        var packages = _folder.Combine("packages");
        var lib = Directory.CreateDirectory(Path.Combine(packages, "torchsharp/0.107.0/lib/net8.0")).FullName;
        LoadProbeProcess.PlaceWithoutLibTorch(_application);
        foreach (var file in Directory.GetFiles(_application))
        {
            File.Move(file, Path.Combine(lib, Path.GetFileName(file)));
        }

        var natives = Directory.CreateDirectory(Path.Combine(packages, "torchsharp/0.107.0/runtimes/linux-x64/native")).FullName;
        File.Copy(Natives.TorchSharpLibraryPath, Path.Combine(natives, TorchSharpLibrary.FileName));
        var damaged = Directory.CreateDirectory(Path.Combine(packages, "libtorch-cpu-linux-x64/2.10.0/runtimes/linux-x64/native")).FullName;
        await File.WriteAllTextAsync(Path.Combine(damaged, "libtorch_cpu.so"), "no library");

        var outcome = await LoadProbeProcess.RunInAsync(lib, "hook", ("NUGET_PACKAGES", packages));

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(Path.Combine(damaged, "libtorch_cpu.so"), outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(lib));
        Assert.DoesNotContain("LoadNativeBackend", outcome.Output + outcome.Error, StringComparison.Ordinal);
    }

    private void AssertComputedWithAnother(LoadProbeProcess.Outcome outcome)
    {
        Assert.True(outcome.Computed, outcome.ToString());
        Assert.DoesNotContain(_foreign, outcome.Output, StringComparison.Ordinal);
    }
}
