namespace Mlps.Slides;

/// <summary>A patch of a slide.</summary>
/// <param name="Name">The slide's name and the patch's place, as in <c>slide_x1024_y2048</c>: the name of its file without the extension.</param>
/// <param name="X">Left border in full-resolution pixels.</param>
/// <param name="Y">Upper border.</param>
/// <param name="Downsample">Full-resolution pixels along a pixel of the patch.</param>
/// <param name="Tissue">The part of it that is tissue, 0 to 1.</param>
public sealed record SlidePatch(string Name, int X, int Y, double Downsample, double Tissue);
