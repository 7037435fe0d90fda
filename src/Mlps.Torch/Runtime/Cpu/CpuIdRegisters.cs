using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace Mlps.Torch.Runtime;

/// <summary>The four registers in which the CPUID instruction answers.</summary>
internal readonly record struct CpuIdRegisters(uint Eax, uint Ebx, uint Ecx, uint Edx)
{
    /// <summary>Asks this processor; only where <see cref="X86Base"/> is supported.</summary>
    public static CpuIdRegisters Read(uint leaf) => Read(leaf, part: 0);

    /// <summary>Asks this processor for a part of a leaf.</summary>
    public static CpuIdRegisters Read(uint leaf, uint part)
    {
        var (eax, ebx, ecx, edx) = X86Base.CpuId((int)leaf, (int)part);
        return new((uint)eax, (uint)ebx, (uint)ecx, (uint)edx);
    }
}

/// <summary>Letters as CPUID gives them.</summary>
internal static class CpuIdText
{
    /// <summary>Four letters in a register.</summary>
    public static uint AsUInt(this ReadOnlySpan<byte> letters) => BinaryPrimitives.ReadUInt32LittleEndian(letters);
}
