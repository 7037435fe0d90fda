namespace Mlps.ML;

/// <summary>How a sheet of activation maps is drawn.</summary>
public sealed record ActivationSheetOptions
{
    /// <summary>A line above everything, such as the name of the patch; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>Names of the layers, from the first to the last; by default the three layers of the method.</summary>
    public IReadOnlyList<string> Layers { get; init; } = ["b4_5", "b5_2", "bn7"];

    /// <summary>Longer side of each picture on the sheet, in pixels, 64 to 1024; 224 by default.</summary>
    public int TileSize { get; init; } = 224;

    /// <summary>How much of the heat colour covers the image: 0 (nothing) to 1 (solid); 0.6 by default.</summary>
    public double Opacity { get; init; } = 0.6;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Layers);
        if (Layers.Count == 0)
        {
            throw new ArgumentException("Expected at least one layer.", nameof(Layers));
        }

        if (TileSize is < 64 or > 1024)
        {
            throw new ArgumentOutOfRangeException(nameof(TileSize), TileSize, "Expected 64 to 1024 pixels.");
        }

        if (Opacity is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Opacity), Opacity, "Expected an opacity from 0 to 1.");
        }
    }
}
