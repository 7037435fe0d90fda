namespace Mlps.ML;

/// <summary>One image of a dataset and what is known about it.</summary>
/// <param name="Name">The image file's stem, unique within its split.</param>
/// <param name="ImagePath">The full path of the image.</param>
/// <param name="Label">Which of the C tissues occur, for training patches; null elsewhere.</param>
/// <param name="MaskPath">The full path of the mask of the same stem, for validation and test images; null elsewhere.</param>
public sealed record TissuePatch(string Name, string ImagePath, IReadOnlyList<bool>? Label, string? MaskPath);
