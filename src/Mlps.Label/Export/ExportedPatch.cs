namespace Mlps.Label;

/// <summary>A patch's place in a dataset.</summary>
/// <param name="Patch">The patch.</param>
/// <param name="Consensus">Its label.</param>
/// <param name="Mask">Its mask; null where it has none.</param>
/// <param name="Part">The folder that it goes to: <see cref="ExportPlan.Train"/>, <see cref="ExportPlan.HeldOut"/> or <see cref="ExportPlan.Masked"/>; null where it is left out.</param>
/// <param name="Target">The file below the dataset's folder, with <c>/</c> between folders; empty where it is left out.</param>
/// <param name="Reason">Why it is left out; empty where it is not.</param>
internal sealed record ExportedPatch(PatchFile Patch, Consensus Consensus, MergedMask? Mask, string? Part, string Target, string Reason)
{
    /// <summary>The mask's file below the dataset's folder; null where there is none.</summary>
    public string? MaskTarget => Mask is null ? null : $"{ExportPlan.Masked}/{ExportPlan.MaskPart}{Target[(ExportPlan.Masked.Length + 1 + ExportPlan.ImagePart.Length)..]}";

    /// <summary>All of its files.</summary>
    public IEnumerable<string> Targets => Part is null ? [] : MaskTarget is { } mask ? [Target, mask] : [Target];
}
