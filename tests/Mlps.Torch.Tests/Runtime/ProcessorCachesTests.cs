using Mlps.Torch.Runtime;
using Xunit;

namespace Mlps.Torch.Tests.Runtime;

public class ProcessorCachesTests
{
    private static readonly CpuIdRegisters _amd = new(0x0D, 0x68747541, 0x444D4163, 0x69746E65);
    private static readonly CpuIdRegisters _intel = new(0x16, 0x756E6547, 0x6C65746E, 0x49656E69);

    [Fact]
    public void AreHiddenBy_AmdWithoutACacheInItsList_IsTrue() => Assert.True(ProcessorCaches.AreHiddenBy(Leaves(_amd, firstCache: 0)));

    [Fact]
    public void AreHiddenBy_AmdWithADataCache_IsFalse() => Assert.False(ProcessorCaches.AreHiddenBy(Leaves(_amd, firstCache: 0x121)));

    [Fact]
    public void AreHiddenBy_IntelWhoseLeavesAreOthers_IsFalse() => Assert.False(ProcessorCaches.AreHiddenBy(Leaves(_intel, firstCache: 0)));

    [Fact]
    public void AreHiddenBy_AmdBeforeTheLeafWasThere_IsFalse() => Assert.False(ProcessorCaches.AreHiddenBy(Leaves(_amd, firstCache: 0, highestLeaf: 0x80000008)));

    [Fact]
    public void Read_OlderLeaves_GiveBytes() => Assert.Equal(new ProcessorCaches(48 * 1024, 1024 * 1024, 1024 * 1024), ProcessorCaches.Read(Leaves(_amd, firstCache: 0)));

    [Fact]
    public void Read_NothingAtAll_AssumesUsualSizes() => Assert.Equal(new ProcessorCaches(32 * 1024, 512 * 1024, 1024 * 1024), ProcessorCaches.Read(_ => default));

    private static Func<uint, CpuIdRegisters> Leaves(CpuIdRegisters vendor, uint firstCache, uint highestLeaf = 0x80000021) => leaf => leaf switch
    {
        0 => vendor,
        0x80000000 => new(highestLeaf, 0, 0, 0),
        0x80000005 => new(0xFF60FF40, 0xFF60FF40, 0x300C0140, 0x20080140),
        0x80000006 => new(0x40802040, 0x60804040, 0x04006140, 0x0FE09140),
        0x8000001D => new(firstCache, 0, 0, 0),
        _ => default,
    };
}
