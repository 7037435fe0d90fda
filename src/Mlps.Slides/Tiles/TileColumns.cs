namespace Mlps.Slides;

/// <summary>The columns that tables of tiles have besides Name and Image (<see cref="ML.TissueColumns"/>).</summary>
public static class TileColumns
{
    /// <summary>Double: the tile's left border in full-resolution pixels of the slide.</summary>
    public const string X = "X";

    /// <summary>Double: the tile's upper border.</summary>
    public const string Y = "Y";

    /// <summary>Int32: the tile's row in the grid, from 0.</summary>
    public const string Row = "Row";

    /// <summary>Int32: the tile's column in the grid, from 0.</summary>
    public const string Column = "Column";

    /// <summary>Single: the part of the tile that is tissue, 0 to 1.</summary>
    public const string Tissue = "Tissue";
}
