namespace Mlps.Slides;

/// <summary>The part of a file's full-resolution picture that was scanned, in the file's own pixels.</summary>
/// <remarks>A slide's coordinates start at the top left of its bounds, as in QuPath; adding <see cref="X"/> and <see cref="Y"/> gives the file's own.</remarks>
/// <param name="X">Left border.</param>
/// <param name="Y">Upper border.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
public readonly record struct SlideBounds(int X, int Y, int Width, int Height);
