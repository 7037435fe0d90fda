namespace Mlps.Slides;

/// <summary>A level as a back end has it.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="TileWidth">Width of the tiles that it is read in.</param>
/// <param name="TileHeight">Height of the tiles that it is read in.</param>
internal readonly record struct SourceLevel(int Width, int Height, int TileWidth, int TileHeight)
{
    public int Columns => (Width + TileWidth - 1) / TileWidth;

    public int Rows => (Height + TileHeight - 1) / TileHeight;

    public int TileBytes => checked(TileWidth * TileHeight * RgbBytes);

    public const int RgbBytes = 3;
}

/// <summary>A back end with a file open: levels of tiles, in the file's own coordinates.</summary>
/// <remarks><see cref="ReadTile"/> may be called by several threads at once; nothing may be called after <see cref="Dispose()"/>.</remarks>
internal abstract class SlideSource : IDisposable
{
    public abstract SlideBackend Backend { get; }

    /// <summary>Levels from the largest to the smallest; at least one.</summary>
    public abstract IReadOnlyList<SourceLevel> Levels { get; }

    /// <summary>What the file says of itself.</summary>
    public abstract IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>The part that was scanned; null for all.</summary>
    public virtual SlideBounds? Bounds => null;

    /// <summary>Micrometres a full-resolution pixel along both axes, as the file says; null where it does not.</summary>
    public abstract (double X, double Y)? MicronsPerPixel { get; }

    /// <summary>What a user should know of how the file is read.</summary>
    public virtual IReadOnlyList<string> Warnings => [];

    /// <summary>Reads a whole tile as RGB [TileHeight, TileWidth, 3]; what lies beyond the level or is missing is white.</summary>
    /// <exception cref="SlideException">The tile cannot be read.</exception>
    public abstract void ReadTile(int level, int column, int row, Span<byte> rgb);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
