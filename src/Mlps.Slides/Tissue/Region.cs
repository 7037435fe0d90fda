namespace Mlps.Slides;

/// <summary>A polygon: its outer ring and its holes, each a list of places.</summary>
internal sealed record Region(IReadOnlyList<IReadOnlyList<(double X, double Y)>> Rings);
