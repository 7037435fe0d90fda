namespace Mlps.Slides;

/// <summary>A file or folder that is no slide, and why.</summary>
/// <param name="Path">The full path; that of a folder ends with a separator.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="IsFault">Whether a slide may be missing because of it: a damaged file of a slide's name, or something that may not be read.</param>
public sealed record NotASlide(string Path, string Reason, bool IsFault);
