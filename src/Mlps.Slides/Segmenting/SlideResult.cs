namespace Mlps.Slides;

/// <summary>What became of a slide.</summary>
/// <param name="Path">The slide's file.</param>
/// <param name="Folder">The folder of its results.</param>
/// <param name="State">Whether it was segmented.</param>
/// <param name="Reason">Why not, or null.</param>
/// <param name="WasFinished">Whether an earlier run had finished it, with the same model and settings.</param>
public sealed record SlideResult(string Path, string Folder, SlideState State, string? Reason, bool WasFinished);
