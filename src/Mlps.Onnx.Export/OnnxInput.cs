namespace Mlps.Onnx.Export;

/// <summary>The element type of the images that an exported graph takes; values are from 0 to 255 in both.</summary>
public enum OnnxInput
{
    /// <summary>32-bit floats, as ML.NET's <c>ExtractPixels</c> makes them.</summary>
    Floats,

    /// <summary>Bytes: a quarter of the memory.</summary>
    Bytes,
}
