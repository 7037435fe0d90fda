using System.Buffers.Binary;

namespace Mlps.Torch.Runtime;

/// <summary>The four registers in which the CPUID instruction answers.</summary>
internal readonly record struct CpuIdRegisters(uint Eax, uint Ebx, uint Ecx, uint Edx);

/// <summary>Letters as CPUID gives them.</summary>
internal static class CpuIdText
{
    /// <summary>Four letters in a register.</summary>
    public static uint AsUInt(this ReadOnlySpan<byte> letters) => BinaryPrimitives.ReadUInt32LittleEndian(letters);
}
