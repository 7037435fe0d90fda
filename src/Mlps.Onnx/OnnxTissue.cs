namespace Mlps.Onnx;

/// <summary>A kind of tissue, as the exported file names it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Red">Red of the colour that stands for it in masks, 0 to 255.</param>
/// <param name="Green">Green, 0 to 255.</param>
/// <param name="Blue">Blue, 0 to 255.</param>
public sealed record OnnxTissue(string Name, byte Red, byte Green, byte Blue);
