namespace Mlps.Slides;

/// <summary>A level as regions are read from it: its tiles, its scale, and the part of it that was scanned.</summary>
/// <param name="Cache">The tiles.</param>
/// <param name="Level">The level's index.</param>
/// <param name="Source">Its size and its tiles' size.</param>
/// <param name="DownsampleX">Full-resolution pixels along a pixel of the level.</param>
/// <param name="DownsampleY">Full-resolution pixels down a pixel of the level.</param>
/// <param name="Left">First column of the scanned part.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">The column after the last.</param>
/// <param name="Bottom">The row after the last.</param>
internal sealed record LevelWindow(TileCache Cache, int Level, SourceLevel Source, double DownsampleX, double DownsampleY, int Left, int Top, int Right, int Bottom)
{
    private const int RgbBytes = SourceLevel.RgbBytes;

    /// <summary>The level's scale where a single number will do.</summary>
    public double Downsample => (DownsampleX + DownsampleY) / 2;

    /// <summary>Makes the window of a level.</summary>
    public static LevelWindow Create(TileCache cache, IReadOnlyList<SourceLevel> levels, int index, SlideBounds bounds)
    {
        var (full, level) = (levels[0], levels[index]);
        var (x, y) = Scale(full, level);
        return new LevelWindow(
            cache,
            index,
            level,
            x,
            y,
            Math.Max(0, (int)Math.Floor(bounds.X / x)),
            Math.Max(0, (int)Math.Floor(bounds.Y / y)),
            Math.Min(level.Width, (int)Math.Ceiling((bounds.X + bounds.Width) / x)),
            Math.Min(level.Height, (int)Math.Ceiling((bounds.Y + bounds.Height) / y)));
    }

    /// <summary>How much smaller a level is.</summary>
    /// <remarks>Sizes are whole pixels, so their ratios miss the whole number that the level was made with by a little.</remarks>
    public static (double X, double Y) Scale(SourceLevel full, SourceLevel level)
    {
        var (x, y) = ((double)full.Width / level.Width, (double)full.Height / level.Height);
        var whole = Math.Round(full.Width >= full.Height ? x : y);
        return Math.Abs((full.Width / whole) - level.Width) <= 1 && Math.Abs((full.Height / whole) - level.Height) <= 1 ? (whole, whole) : (x, y);
    }

    /// <summary>Copies pixels [height, width, 3]; what was not scanned is white.</summary>
    public void Copy(long x, long y, int width, int height, Span<byte> rgb)
    {
        rgb.Fill(byte.MaxValue);
        var (left, top) = (Math.Max(x, Left), Math.Max(y, Top));
        var (right, bottom) = (Math.Min(x + width, Right), Math.Min(y + height, Bottom));
        if (left >= right || top >= bottom)
        {
            return;
        }

        for (var row = (int)(top / Source.TileHeight); row <= (bottom - 1) / Source.TileHeight; row++)
        {
            for (var column = (int)(left / Source.TileWidth); column <= (right - 1) / Source.TileWidth; column++)
            {
                var tile = Cache.Rent(Level, column, row);
                try
                {
                    var (tileX, tileY) = ((long)column * Source.TileWidth, (long)row * Source.TileHeight);
                    var (fromX, toX) = (Math.Max(left, tileX), Math.Min(right, tileX + Source.TileWidth));
                    var (fromY, toY) = (Math.Max(top, tileY), Math.Min(bottom, tileY + Source.TileHeight));
                    var length = (int)(toX - fromX) * RgbBytes;
                    for (var line = fromY; line < toY; line++)
                    {
                        tile.Pixels.AsSpan((int)(((line - tileY) * Source.TileWidth) + fromX - tileX) * RgbBytes, length)
                            .CopyTo(rgb[((int)(((line - y) * width) + fromX - x) * RgbBytes)..]);
                    }
                }
                finally
                {
                    Cache.Return(tile);
                }
            }
        }
    }
}
