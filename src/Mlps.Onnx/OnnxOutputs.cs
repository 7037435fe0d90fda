namespace Mlps.Onnx;

/// <summary>What a prediction computes.</summary>
[Flags]
public enum OnnxOutputs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The tissue of each pixel.</summary>
    Mask = 1,

    /// <summary>The probability of each tissue in the whole image.</summary>
    Probability = 2,

    /// <summary>The probability of each tissue at each pixel.</summary>
    PixelProbability = 4,

    /// <summary>The uncertainty of each pixel.</summary>
    PixelUncertainty = 8,
}
