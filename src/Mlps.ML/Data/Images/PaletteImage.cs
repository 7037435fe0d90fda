namespace Mlps.ML;

/// <summary>An image of indices, and the colours they stand for.</summary>
/// <param name="Indices">[H, W], row by row from the top left.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Palette">The colour of each index; empty where the file has none, as in greyscale files whose values are the indices.</param>
public sealed record PaletteImage(ReadOnlyMemory<byte> Indices, int Width, int Height, IReadOnlyList<TissueColor> Palette);
