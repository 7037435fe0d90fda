namespace Mlps.Slides;

/// <summary>One of the sizes that a slide's file holds the slide in.</summary>
/// <param name="Width">Width in the level's own pixels.</param>
/// <param name="Height">Height in the level's own pixels.</param>
/// <param name="Downsample">Full-resolution pixels along one pixel of this level, at least 1.</param>
public sealed record SlideLevel(int Width, int Height, double Downsample);
