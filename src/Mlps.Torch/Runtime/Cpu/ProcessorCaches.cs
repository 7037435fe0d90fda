using System.Runtime.Intrinsics.X86;

namespace Mlps.Torch.Runtime;

/// <summary>What a processor says of its data caches by the CPUID instruction: bytes for each core.</summary>
/// <param name="Level1">Bytes of a core's first data cache.</param>
/// <param name="Level2">Bytes of a core's second cache.</param>
/// <param name="Level3">Bytes of the last cache that a core may count on.</param>
internal readonly record struct ProcessorCaches(uint Level1, uint Level2, uint Level3)
{
    private const uint CacheProperties = 0x8000001D;
    private const uint Level1Caches = 0x80000005;
    private const uint LowerCaches = 0x80000006;
    private const uint CacheType = 0x1F;
    private const uint KiB = 1024;

    /// <summary>oneDNN's own assumptions where a processor says nothing.</summary>
    private static readonly ProcessorCaches _assumed = new(32 * KiB, 512 * KiB, 1024 * KiB);

    /// <summary>Whether an AMD processor lists no caches in leaf 0x8000001D (as some virtual machines do); oneDNN then assumes caches of one byte.</summary>
    public static bool AreHidden { get; } = X86Base.IsSupported && AreHiddenBy(CpuIdRegisters.Read);

    /// <summary>The sizes by the older leaves, which such virtual machines leave in place.</summary>
    public static ProcessorCaches Read() => Read(CpuIdRegisters.Read);

    internal static bool AreHiddenBy(Func<uint, CpuIdRegisters> cpuId)
    {
        var vendor = cpuId(0);
        var isAmd = (vendor.Ebx, vendor.Edx, vendor.Ecx) == ("Auth"u8.AsUInt(), "enti"u8.AsUInt(), "cAMD"u8.AsUInt());
        return isAmd && cpuId(0x80000000).Eax >= CacheProperties && (cpuId(CacheProperties).Eax & CacheType) == 0;
    }

    internal static ProcessorCaches Read(Func<uint, CpuIdRegisters> cpuId)
    {
        var (level1, level2) = (cpuId(Level1Caches).Ecx >> 24, cpuId(LowerCaches).Ecx >> 16);
        return _assumed with
        {
            Level1 = level1 == 0 ? _assumed.Level1 : level1 * KiB,
            Level2 = level2 == 0 ? _assumed.Level2 : level2 * KiB,
        };
    }

}
