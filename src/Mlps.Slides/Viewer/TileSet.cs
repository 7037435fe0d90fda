namespace Mlps.Slides;

/// <summary>Which tiles of each level exist: a bit each, row by row.</summary>
internal sealed class TileSet
{
    private const int Byte = 8;

    private readonly (int Columns, byte[] Bits)[] _levels;

    /// <param name="width">Width of level 0.</param>
    /// <param name="height">Height of level 0.</param>
    /// <param name="tileSize">Side of a tile.</param>
    /// <param name="levels">How many levels.</param>
    public TileSet(int width, int height, int tileSize, int levels)
    {
        _levels = new (int, byte[])[levels];
        for (var level = 0; level < levels; level++)
        {
            var columns = TilePyramid.Tiles(width, tileSize);
            _levels[level] = (columns, new byte[((columns * TilePyramid.Tiles(height, tileSize)) + Byte - 1) / Byte]);
            (width, height) = (TilePyramid.Half(width), TilePyramid.Half(height));
        }
    }

    /// <summary>Adds a tile.</summary>
    public void Add(int level, int column, int row)
    {
        var (columns, bits) = _levels[level];
        var at = (row * columns) + column;
        bits[at / Byte] |= (byte)(1 << (at % Byte));
    }

    /// <summary>The bits of each level in base64, the smallest level first.</summary>
    public IEnumerable<string> ToBase64() => _levels.Reverse().Select(level => Convert.ToBase64String(level.Bits));
}
