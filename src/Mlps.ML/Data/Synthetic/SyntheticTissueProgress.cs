namespace Mlps.ML;

/// <summary>How far the drawing of synthetic tissue is.</summary>
/// <param name="Written">Patches drawn and written so far.</param>
/// <param name="Total">Patches in all.</param>
public readonly record struct SyntheticTissueProgress(int Written, int Total);
