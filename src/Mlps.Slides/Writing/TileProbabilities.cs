namespace Mlps.Slides;

/// <summary>What the network found in a tile.</summary>
/// <param name="X">Left edge in pixels of full resolution, from the file's whole picture.</param>
/// <param name="Y">Top edge, likewise.</param>
/// <param name="Width">Width in pixels of full resolution.</param>
/// <param name="Height">Height, likewise.</param>
/// <param name="Probabilities">The probability of each class, in the order of their indices.</param>
internal sealed record TileProbabilities(long X, long Y, long Width, long Height, IReadOnlyList<double> Probabilities);
