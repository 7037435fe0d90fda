namespace Mlps.Onnx.Export.Quantization;

/// <summary>The lowest and the highest number that a value of a graph holds; 0 always lies between.</summary>
/// <param name="Lowest">At most 0.</param>
/// <param name="Highest">At least 0.</param>
internal readonly record struct ValueRange(float Lowest, float Highest)
{
    private const float Steps = byte.MaxValue;

    /// <summary>Numbers that are equal lie so far apart, in place of 0.</summary>
    private const float Smallest = 1e-6f;

    /// <summary>What one step of a byte stands for.</summary>
    public float Scale => Math.Max(Highest - Lowest, Smallest) / Steps;

    /// <summary>The byte that stands for 0.</summary>
    public byte ZeroPoint => (byte)Math.Clamp(MathF.Round(-Lowest / Scale), 0, Steps);

    /// <summary>The range that holds these numbers, too.</summary>
    public ValueRange Including(float lowest, float highest) => new(Math.Min(Lowest, lowest), Math.Max(Highest, highest));
}
