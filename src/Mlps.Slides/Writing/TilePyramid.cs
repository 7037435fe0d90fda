namespace Mlps.Slides;

/// <summary>Makes all levels of a picture in one pass over its rows. Each level halves the one before, rounded up.</summary>
/// <remarks>A level keeps one row of tiles in memory.</remarks>
internal sealed class TilePyramid
{
    private readonly int _tileSize;
    private readonly Level[] _levels;
    private readonly RowHalving _halve;
    private readonly TileRowWork _emit;

    /// <param name="width">Width of level 0 in pixels.</param>
    /// <param name="height">Height of level 0.</param>
    /// <param name="bytesAPixel">Bytes of a pixel.</param>
    /// <param name="tileSize">Rows of a row of tiles; even.</param>
    /// <param name="levelCount">How many levels.</param>
    /// <param name="halve">Makes one row of two.</param>
    /// <param name="emit">Is given every row of tiles of every level; its memory is only lent.</param>
    public TilePyramid(int width, int height, int bytesAPixel, int tileSize, int levelCount, RowHalving halve, TileRowWork emit)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tileSize % 2, 0);
        (_tileSize, _halve, _emit) = (tileSize, halve, emit);
        _levels = new Level[levelCount];
        for (var level = 0; level < levelCount; level++)
        {
            _levels[level] = new Level(checked(width * bytesAPixel), height, new byte[checked(width * bytesAPixel * Math.Min(tileSize, height))]);
            (width, height) = (Half(width), Half(height));
        }
    }

    /// <summary>A row of tiles of one level: [count, width, bytes a pixel].</summary>
    internal delegate void TileRowWork(int level, int tileRow, byte[] rows, int count);

    /// <summary>Makes one row of two, half as wide, rounded up. Below the last row of an odd height, that row is given twice.</summary>
    internal delegate void RowHalving(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> target);

    /// <summary>Levels until the whole picture fits into one tile.</summary>
    public static int LevelsToOneTile(int width, int height, int tileSize)
    {
        var levels = 1;
        for (; Math.Max(width, height) > tileSize; levels++)
        {
            (width, height) = (Half(width), Half(height));
        }

        return levels;
    }

    /// <summary>Half of a size, rounded up.</summary>
    public static int Half(int size) => (size + 1) / 2;

    /// <summary>Tiles along a side.</summary>
    public static int Tiles(int size, int tileSize) => (size + tileSize - 1) / tileSize;

    /// <summary>Adds the next rows of level 0, as many as a row of tiles has or, at the end, as are left.</summary>
    /// <param name="count">How many rows.</param>
    /// <param name="fill">Writes them to the beginning of the memory that it is given.</param>
    public void Add(int count, Action<byte[]> fill)
    {
        fill(_levels[0].Rows);
        _levels[0].Filled = count;
        Pass(0);
    }

    /// <summary>Adds a whole mask.</summary>
    public void Add(IMaskRows rows, CancellationToken cancellation)
    {
        for (var y = 0; y < rows.Height; y += _tileSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var (top, count) = (y, Math.Min(_tileSize, rows.Height - y));
            Add(count, memory => rows.Read(top, count, memory.AsSpan(0, count * rows.Width), []));
        }
    }

    private void Pass(int index)
    {
        var level = _levels[index];
        if (level.Filled < _tileSize && level.Done + level.Filled < level.Height)
        {
            return;
        }

        _emit(index, level.Done / _tileSize, level.Rows, level.Filled);
        level.Done += level.Filled;
        var filled = level.Filled;
        level.Filled = 0;
        if (index + 1 == _levels.Length)
        {
            return;
        }

        var next = _levels[index + 1];
        for (var y = 0; y < filled; y += 2)
        {
            var first = level.Row(y);
            _halve(first, y + 1 < filled ? level.Row(y + 1) : first, next.Row(next.Filled));
            next.Filled++;
        }

        Pass(index + 1);
    }

    private sealed class Level(int rowLength, int height, byte[] rows)
    {
        public int RowLength => rowLength;

        public int Height => height;

        public byte[] Rows => rows;

        /// <summary>Rows in the buffer.</summary>
        public int Filled { get; set; }

        /// <summary>Rows that were emitted.</summary>
        public int Done { get; set; }

        public Span<byte> Row(int y) => rows.AsSpan(y * rowLength, rowLength);
    }
}
