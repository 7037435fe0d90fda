namespace Mlps.Torch;

/// <summary>The number format that a network computes with; weights stay in 32 bits.</summary>
public enum Precision
{
    /// <summary>32-bit floating point, on GPUs too.</summary>
    Full,

    /// <summary>16-bit brain floating point: eight significant bits; results differ in the third digit.</summary>
    /// <remarks>About twice as fast on CPUs with AVX512-BF16 or AMX and on GPUs since Ampere. Other CPUs take many times as long as with 32 bits; a warning in ML.NET's log says so.</remarks>
    BFloat16,

    /// <summary>32-bit floating point, of which GPUs since Ampere multiply eleven significant bits; on CPUs and older GPUs the same as <see cref="Full"/>.</summary>
    /// <remarks>On such GPUs results differ in the fourth digit, and convolutions are faster than in <see cref="Full"/>.</remarks>
    TensorFloat32,
}
