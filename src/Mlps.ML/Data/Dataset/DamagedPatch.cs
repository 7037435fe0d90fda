namespace Mlps.ML;

/// <summary>A patch whose image or mask cannot be read.</summary>
/// <param name="Patch">The patch.</param>
/// <param name="Reason">Which file, and what is wrong with it.</param>
public sealed record DamagedPatch(TissuePatch Patch, string Reason);
