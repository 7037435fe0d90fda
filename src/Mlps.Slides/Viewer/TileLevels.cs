using System.Globalization;

namespace Mlps.Slides;

/// <summary>The levels of a tiled picture and where their tiles lie. The page counts levels from the smallest, a pyramid from the largest.</summary>
/// <param name="Width">Width of the largest level in pixels.</param>
/// <param name="Height">Height of the largest level.</param>
internal sealed record TileLevels(int Width, int Height)
{
    /// <summary>Side of a tile.</summary>
    public const int TileSize = 512;

    /// <summary>How many levels.</summary>
    public int Count { get; } = TilePyramid.LevelsToOneTile(Width, Height, TileSize);

    /// <summary>Width of a level; 0 is the largest.</summary>
    public int WidthOf(int level)
    {
        var width = Width;
        for (; level > 0; level--)
        {
            width = TilePyramid.Half(width);
        }

        return width;
    }

    /// <summary>Creates the folder of each level.</summary>
    public void CreateFolders(string folder)
    {
        for (var level = 0; level < Count; level++)
        {
            Directory.CreateDirectory(Path.Combine(folder, level.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>The path of a tile; level 0 is the largest.</summary>
    public string PathOf(string folder, int level, int column, int row, string extension) =>
        Path.Combine(folder, (Count - 1 - level).ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{column}_{row}.{extension}"));
}
