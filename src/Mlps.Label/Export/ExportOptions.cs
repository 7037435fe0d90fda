namespace Mlps.Label;

/// <summary>How a dataset is made of labels.</summary>
/// <param name="HeldOut">Share of the labelled patches, whole slides of them, that are kept out of training; from 0 to below 1.</param>
/// <param name="Seed">Fixes which slides.</param>
/// <param name="Copies">Whether files are copied, and not linked.</param>
/// <param name="Person">Whose labels; null for what most say.</param>
/// <param name="SourcePattern">The pattern that tells of slides, for dataset.json; null for the names that common tools give.</param>
internal sealed record ExportOptions(double HeldOut, int Seed, bool Copies, string? Person, string? SourcePattern);

/// <summary>What was written.</summary>
/// <param name="Train">Patches to train on.</param>
/// <param name="HeldOut">Patches without masks, of slides that were held out.</param>
/// <param name="Masked">Patches with masks.</param>
/// <param name="HeldOutSlides">Those slides.</param>
/// <param name="LeftOut">Answered patches that are in neither.</param>
/// <param name="Linked">Files that are links to the patches; the others are copies.</param>
/// <param name="Warnings">What a user should know before training, one sentence each.</param>
internal sealed record ExportResult(int Train, int HeldOut, int Masked, IReadOnlyList<string> HeldOutSlides, int LeftOut, int Linked, IReadOnlyList<string> Warnings);
