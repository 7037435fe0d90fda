namespace Mlps.Torch;

/// <summary>The number format that a network computes with; weights stay in 32 bits.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Full,

    /// <summary>16-bit brain floating point: eight significant bits; results differ in the third digit.</summary>
    /// <remarks>About twice as fast on CPUs with AVX512-BF16 or AMX and on GPUs since Ampere. Other CPUs take many times as long as with 32 bits; a warning in ML.NET's log says so.</remarks>
    BFloat16,
}
