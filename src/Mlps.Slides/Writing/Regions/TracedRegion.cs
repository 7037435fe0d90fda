namespace Mlps.Slides;

/// <summary>A finished region: a polygon with holes.</summary>
/// <param name="Value">Its class.</param>
/// <param name="Pixels">Its pixels in the mask.</param>
/// <param name="Probability">Mean probability of the class in them, 0..1.</param>
/// <param name="First">Its first pixel in reading order.</param>
/// <param name="Rings">The outer ring, then the holes. Outer rings turn so that the sum of x·dy - y·dx is positive, holes the other way.</param>
internal sealed record TracedRegion(byte Value, long Pixels, double Probability, (int Y, int X) First, IReadOnlyList<TracedRing> Rings);
