namespace Mlps.Slides;

/// <summary>A point on the grid of half pixels of a mask: two even numbers are a corner of pixels, one odd number is the middle of an edge.</summary>
internal readonly record struct GridPoint(int X, int Y);
