namespace Mlps.Label;

/// <summary>A patch on which somebody draws a mask.</summary>
/// <param name="Patch">The patch, with the person's label of it.</param>
/// <param name="State">How far its mask is.</param>
internal sealed record MaskPatchMessage(PatchMessage Patch, string State);

/// <summary>The patches on which somebody draws masks.</summary>
/// <param name="Person">The person's name as it was given first.</param>
/// <param name="Background">Index C in masks: background, or pixels that do not count.</param>
/// <param name="HasBackground">Whether it is background.</param>
/// <param name="Patches">The patches.</param>
internal sealed record MaskListMessage(string Person, TissueMessage Background, bool HasBackground, IReadOnlyList<MaskPatchMessage> Patches);

/// <summary>How far a mask is: <see cref="None"/>, <see cref="Unfinished"/>, <see cref="Finished"/> or <see cref="Damaged"/>.</summary>
internal sealed record MaskStateMessage(string State)
{
    public const string None = "none", Unfinished = "unfinished", Finished = "finished", Damaged = "damaged";
}
