namespace Mlps.ML;

/// <summary>How a contact sheet is drawn.</summary>
public sealed record ContactSheetOptions
{
    /// <summary>A line above everything; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>Longer side of each picture on the sheet, in pixels, 64 to 1024; smaller and larger images are scaled to it; 224 by default.</summary>
    public int TileSize { get; init; } = 224;

    /// <summary>How much of the class colour covers the image in mask columns: 0 to 1 (solid); 0.6 by default.</summary>
    public double MaskOpacity { get; init; } = 0.6;

    /// <summary>Headers of the pseudo-mask columns, one for each pseudo mask of a row; by default the three layers of the method.</summary>
    public IReadOnlyList<string> PseudoMaskHeaders { get; init; } = ["pseudo mask b4_5", "pseudo mask b5_2", "pseudo mask bn7"];

    internal void Validate()
    {
        if (TileSize is < 64 or > 1024)
        {
            throw new ArgumentOutOfRangeException(nameof(TileSize), TileSize, "Expected 64 to 1024 pixels.");
        }

        if (MaskOpacity is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(MaskOpacity), MaskOpacity, "Expected an opacity from 0 to 1.");
        }

        ArgumentNullException.ThrowIfNull(PseudoMaskHeaders);
    }
}
