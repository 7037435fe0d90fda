namespace Mlps.Slides;

/// <summary>What became polygons.</summary>
/// <param name="Polygons">Regions written.</param>
/// <param name="LeftOut">Regions below the smallest area.</param>
/// <param name="LeftOutPixels">Their pixels in the mask.</param>
internal sealed record AnnotationCounts(long Polygons, long LeftOut, long LeftOutPixels);
