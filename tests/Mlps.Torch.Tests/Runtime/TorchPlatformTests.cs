using System.Runtime.InteropServices;
using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

/// <summary>What is said on platforms of which this machine is one.</summary>
public class TorchPlatformTests
{
    [Theory]
    [InlineData("linux", Architecture.X64)]
    [InlineData("win", Architecture.X64)]
    [InlineData("osx", Architecture.Arm64)]
    public void WhyNot_ServedPlatform_IsNothing(string system, Architecture processor) =>
        Assert.Null(new TorchPlatform(system, processor).WhyNot(isFolderNamed: false, () => false));

    [Theory]
    [InlineData("osx", Architecture.X64, "osx-x64")]
    [InlineData("linux", Architecture.Arm64, "linux-arm64")]
    [InlineData("linux-musl", Architecture.X64, "linux-musl-x64")]
    [InlineData("linux-musl", Architecture.Arm64, "linux-musl-arm64")]
    [InlineData("win", Architecture.Arm64, "win-arm64")]
    [InlineData("win", Architecture.X86, "win-x86")]
    public void WhyNot_PlatformWithoutLibTorch_NamesItAndThoseThatAreServed(string system, Architecture processor, string name)
    {
        var reason = Assert.IsType<string>(new TorchPlatform(system, processor).WhyNot(isFolderNamed: false, () => false));

        Assert.Contains($"runs on {name},", reason, StringComparison.Ordinal);
        Assert.Contains(TorchPlatform.Served, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNot_PlatformForWhichSomebodyBuiltTorchSharp_IsNothing() =>
        Assert.Null(new TorchPlatform("linux", Architecture.Arm64).WhyNot(isFolderNamed: false, () => true));

    [Theory]
    [InlineData("win", Architecture.X64, "win-x64")]
    [InlineData("osx", Architecture.Arm64, "osx-arm64")]
    public void WhyNot_FolderNamedWhereItDoesNotWork_SaysSo(string system, Architecture processor, string name)
    {
        var reason = Assert.IsType<string>(new TorchPlatform(system, processor).WhyNot(isFolderNamed: true, () => true));

        Assert.StartsWith("MLPS_LIBTORCH is set", reason, StringComparison.Ordinal);
        Assert.Contains(name, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void WhyNot_FolderNamedOnLinux_IsNothing() => Assert.Null(new TorchPlatform("linux", Architecture.X64).WhyNot(isFolderNamed: true, () => true));

    [Fact]
    public void Current_ThisMachine_IsTheRuntimesOwnPlatform() => Assert.Equal(RuntimeInformation.RuntimeIdentifier, TorchPlatform.Current.ToString());
}
