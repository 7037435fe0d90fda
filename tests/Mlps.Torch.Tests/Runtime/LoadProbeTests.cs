using Mlps.Testing;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>Loading libtorch as applications do it, each time in new processes.</summary>
public sealed class LoadProbeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxX64Fact]
    public async Task TorchSharp_AfterAnyUseOfThisLibrary_Computes()
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("hook", ("XDG_CACHE_HOME", _folder.Path));

        Assert.True(outcome.Computed, outcome.ToString());
    }

    [LinuxX64Fact]
    public async Task EnsureLoaded_SeveralProcessesAtOnceOnAnEmptyCache_AllComputeAndShareOneCopy()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(i => LoadProbeProcess.RunWithLibTorchAsync(i % 2 == 0 ? "first" : "hook", ("XDG_CACHE_HOME", _folder.Path))));

        Assert.All(outcomes, outcome => Assert.True(outcome.Computed, outcome.ToString()));
        Assert.Equal(Natives.ThisHostNeedsCopy ? 1 : 0, CachedFiles().Length);
    }

    [LinuxX64Fact]
    public async Task EnsureLoaded_CorruptedCopyInTheCache_IsReplaced()
    {
        var host = Natives.HostVersionsWithout(Natives.VersionThatDebian12Lacks);
        var cache = new PatchedLibraryCache(_folder.Combine("mlps/libtorchsharp"));
        var copy = new TorchSharpLibrary(Natives.TorchSharpLibraryPath, host, []).Prepare(cache);
        var expected = await File.ReadAllBytesAsync(copy);
        await File.WriteAllBytesAsync(copy, expected[..(expected.Length / 2)]);

        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first", ("XDG_CACHE_HOME", _folder.Path));

        Assert.True(outcome.Computed, outcome.ToString());
        var found = await File.ReadAllBytesAsync(copy);
        Assert.Equal(Natives.ThisHostNeedsCopy, expected.SequenceEqual(found));
    }

    [LinuxX64Fact]
    public async Task EnsureLoaded_CacheThatCannotBeWritten_UsesAPrivateCopyAndLeavesNothing()
    {
        var file = _folder.Combine("file");
        await File.WriteAllTextAsync(file, "");
        var temporary = Directory.CreateDirectory(_folder.Combine("temporary")).FullName;

        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first", ("XDG_CACHE_HOME", file), ("TMPDIR", temporary));

        Assert.True(outcome.Computed, outcome.ToString());
        Assert.Equal(Natives.ThisHostNeedsCopy, outcome.Output.Contains($"Loading {temporary}", StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories(temporary, "mlps-*"));
    }

    [LinuxX64Fact]
    public async Task EnsureLoaded_ApplicationWithoutLibTorch_SaysWhatIsMissing()
    {
        LoadProbeProcess.PlaceWithoutLibTorch(_folder.Path);

        var outcome = await LoadProbeProcess.RunInAsync(_folder.Path, "first");

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("libtorch_cpu.so is in none of the application's native folders", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("TorchSharp-cpu", outcome.Error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task TorchSharp_ApplicationWithoutLibTorch_ShowsOurReasonInItsMessage()
    {
        LoadProbeProcess.PlaceWithoutLibTorch(_folder.Path);

        var outcome = await LoadProbeProcess.RunInAsync(_folder.Path, "hook");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("libtorch_cpu.so is in none of the application's native folders", outcome.Error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public Task FolderVariable_ApplicationWithoutLibTorch_EnsureLoadedTakesTheNamedOne() => ComputeWithNamedLibTorchAsync("first");

    [LinuxX64Fact]
    public Task FolderVariable_ApplicationWithoutLibTorch_TorchSharpTakesTheNamedOne() => ComputeWithNamedLibTorchAsync("hook");

    [LinuxX64Fact]
    public async Task FolderVariable_ApplicationsOwnFolderThroughALink_Computes()
    {
        var link = File.CreateSymbolicLink(_folder.Combine("link"), Natives.LibTorchFolderPath).FullName;

        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first", ("MLPS_LIBTORCH", link));

        Assert.True(outcome.Computed, outcome.ToString());
        Assert.Contains($"Loaded {link}", outcome.Output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task FolderVariable_EmptyFolder_NamesVariableFolderAndFile()
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first", ("MLPS_LIBTORCH", _folder.Path));

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"MLPS_LIBTORCH names the folder '{_folder.Path}', which has no libtorch_cpu.so.", outcome.Error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task FolderVariable_OtherLibTorchThanTheApplicationCarries_IsRefusedBeforeBothAreLoaded()
    {
        await File.WriteAllBytesAsync(_folder.Combine("libtorch_cpu.so"), []);

        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first", ("MLPS_LIBTORCH", _folder.Path));

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("the application carries a libtorch of its own", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("TorchBackend=none", outcome.Error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task Diagnose_BeforeAnyNetwork_LoadsNothingAndSetsNothing()
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("diagnose", ("GOMP_SPINCOUNT", null), ("OMP_WAIT_POLICY", null));

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("TorchSharp: not used yet", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("libtorch_cpu.so from (not loaded)", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Mlps.Torch.KeepFreedMemory: on, from when libtorch is loaded", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("native GOMP_SPINCOUNT: not set", outcome.Output, StringComparison.Ordinal);
    }

    [LinuxX64Theory]
    [InlineData("KeepFreedMemory")]
    [InlineData("WaitBriefly")]
    [InlineData("CorrectCaches")]
    public async Task Switch_SetToFalseBeforeTheFirstUse_LeavesThatSettingAloneAndSaysSo(string name)
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync(
            $"hook Mlps.Torch.{name}", ("GOMP_SPINCOUNT", null), ("OMP_WAIT_POLICY", null), ("GLIBC_TUNABLES", null), ("MALLOC_TRIM_THRESHOLD_", null), ("MALLOC_MMAP_THRESHOLD_", null));

        Assert.True(outcome.Computed, outcome.ToString());
        var expected = name == "CorrectCaches" && !ProcessorCaches.AreHidden ? "not needed" : "off, as the application's switch says";
        Assert.Contains($"Mlps.Torch.{name}: {expected}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"native GOMP_SPINCOUNT: {(name == "WaitBriefly" ? "not set" : "1000")}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Mlps.Torch.LoadLibTorch: on: this library chose the libtorch", outcome.Output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task Switch_LoadLibTorchOff_LeavesEverythingToTorchSharp()
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first Mlps.Torch.LoadLibTorch", ("GOMP_SPINCOUNT", null), ("OMP_WAIT_POLICY", null));

        // Whether TorchSharp's own loading succeeds is the host's affair.
        var everything = outcome.Output + outcome.Error;
        Assert.Contains("Mlps.Torch.LoadLibTorch: off, as the application's switch says", everything, StringComparison.Ordinal);
        Assert.Contains("Loading: not begun", everything, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public async Task Switch_LoadLibTorchOffAndAFolderNamed_IsRefusedAndNotPassedOver()
    {
        var outcome = await LoadProbeProcess.RunWithLibTorchAsync("first Mlps.Torch.LoadLibTorch", ("MLPS_LIBTORCH", Natives.LibTorchFolderPath));

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("MLPS_LIBTORCH is set, and the application's switch Mlps.Torch.LoadLibTorch", outcome.Error, StringComparison.Ordinal);
    }

    private async Task ComputeWithNamedLibTorchAsync(string mode)
    {
        LoadProbeProcess.PlaceWithoutLibTorch(_folder.Path);

        var outcome = await LoadProbeProcess.RunInAsync(_folder.Path, mode, ("MLPS_LIBTORCH", Natives.LibTorchFolderPath));

        Assert.True(outcome.Computed, outcome.ToString());
        Assert.Contains($"libtorch_cpu.so from {Natives.LibTorchFolderPath}", outcome.Output, StringComparison.Ordinal);
    }

    private string[] CachedFiles() => Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
}
