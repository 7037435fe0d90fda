namespace Mlps.ML.Png;

/// <summary>What the samples of a PNG stand for, by the number the file writes.</summary>
internal enum PngColorType : byte
{
    Greyscale = 0,
    Truecolour = 2,
    Palette = 3,
    GreyscaleWithAlpha = 4,
    TruecolourWithAlpha = 6,
}
