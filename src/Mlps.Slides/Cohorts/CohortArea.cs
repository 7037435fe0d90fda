namespace Mlps.Slides;

/// <summary>How much of a slide shows a class.</summary>
/// <param name="Name">The class, or <c>all tissue</c>, or what the rest of the slide is called.</param>
/// <param name="SquareMillimetres">Its area in mm².</param>
/// <param name="ShareOfTissue">Part of the tissue's area, from 0 to 1; null for what is no tissue, and where there is none.</param>
/// <param name="MeanProbability">Mean probability of the class in its pixels, from 0 to 1; null where it has none.</param>
public sealed record CohortArea(string Name, double SquareMillimetres, double? ShareOfTissue, double? MeanProbability);
