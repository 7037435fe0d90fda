namespace Mlps.ML;

/// <summary>One patch of a contact sheet: its image and the masks to compare; a null mask leaves its place empty.</summary>
public sealed record ContactSheetRow
{
    /// <summary>What the patch is called, usually the stem of its file.</summary>
    public required string Name { get; init; }

    /// <summary>The image; masks have its size.</summary>
    public required RgbImage Image { get; init; }

    /// <summary>True class index of each pixel; pixels of background do not count in the scores beside the row.</summary>
    public byte[]? Truth { get; init; }

    /// <summary>Predicted class index of each pixel.</summary>
    public byte[]? Prediction { get; init; }

    /// <summary>Pseudo masks, in the order of <see cref="ContactSheetOptions.PseudoMaskHeaders"/>.</summary>
    public IReadOnlyList<byte[]?> PseudoMasks { get; init; } = [];
}
