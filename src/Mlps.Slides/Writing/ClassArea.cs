namespace Mlps.Slides;

/// <summary>How much of a slide shows a class.</summary>
/// <param name="Name">The class, or what the rest of the slide is called.</param>
/// <param name="Pixels">Pixels of the mask.</param>
/// <param name="SquareMillimetres">Their area in mm².</param>
/// <param name="ShareOfTissue">Part of the tissue's area, 0..1; null for what is no tissue, and where there is none.</param>
/// <param name="MeanProbability">Mean probability of the class in its pixels, 0..1; null where it has no pixel or no probability.</param>
internal sealed record ClassArea(string Name, long Pixels, double SquareMillimetres, double? ShareOfTissue, double? MeanProbability);
