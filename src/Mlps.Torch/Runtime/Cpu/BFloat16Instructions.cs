using System.Runtime.Intrinsics.X86;

namespace Mlps.Torch.Runtime;

/// <summary>Whether this processor has instructions for bfloat16, AVX512-BF16 or AMX; without them it takes many times as long as for 32 bits.</summary>
internal static class BFloat16Instructions
{
    private const uint Features = 7;
    private const uint Avx512 = 1 << 5;
    private const uint Amx = 1 << 22;

    /// <summary>True where the instructions are, and on processors that this library cannot ask.</summary>
    public static bool AreThere { get; } = !X86Base.IsSupported || AreThereBy(CpuIdRegisters.Read);

    /// <param name="cpuId">What the CPUID instruction answers to a leaf and its part.</param>
    internal static bool AreThereBy(Func<uint, uint, CpuIdRegisters> cpuId)
    {
        if (cpuId(0, 0).Eax < Features)
        {
            return false;
        }

        var general = cpuId(Features, 0);
        var parts = general.Eax;
        return (general.Edx & Amx) != 0 || (parts >= 1 && (cpuId(Features, 1).Eax & Avx512) != 0);
    }
}
