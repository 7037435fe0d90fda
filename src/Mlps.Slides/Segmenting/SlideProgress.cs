namespace Mlps.Slides;

/// <summary>How far a slide is.</summary>
/// <param name="Path">The slide's file.</param>
/// <param name="Name">The slide's name.</param>
/// <param name="BandsDone">Bands of its mask that are finished.</param>
/// <param name="BandCount">Bands of its mask; 0 where it is not known yet.</param>
/// <param name="Warning">Something that the user should know of the slide, or null.</param>
public sealed record SlideProgress(string Path, string Name, int BandsDone, int BandCount, string? Warning);
