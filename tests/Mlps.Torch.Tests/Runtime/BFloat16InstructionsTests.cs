using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public sealed class BFloat16InstructionsTests
{
    private const uint Avx512 = 0x20;
    private const uint Amx = 0x400000;

    [Theory]
    [InlineData(0x1Fu, 1u, 0u, Avx512, true)]
    [InlineData(0x1Fu, 1u, Amx, 0u, true)]
    [InlineData(0x1Fu, 1u, 0u, 0u, false)]
    [InlineData(0x1Fu, 1u, ~Amx, ~Avx512, false)]
    [InlineData(0x1Fu, 0u, 0u, Avx512, false)]
    [InlineData(0x06u, 1u, Amx, Avx512, false)]
    public void AreThereBy_Features_IsWhatTheProcessorSays(uint highestLeaf, uint parts, uint general, uint further, bool expected) => Assert.Equal(
        expected,
        BFloat16Instructions.AreThereBy((leaf, part) => (leaf, part) switch
        {
            (0, 0) => new(highestLeaf, 0, 0, 0),
            (7, 0) => new(parts, 0, 0, general),
            (7, 1) => new(further, 0, 0, 0),
            _ => default,
        }));

    [LinuxX64Fact]
    public void AreThere_IsWhatLinuxSays()
    {
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');

        Assert.Equal(flags.Contains("avx512_bf16") || flags.Contains("amx_bf16"), BFloat16Instructions.AreThere);
    }
}
