using System.Buffers.Binary;

namespace Mlps.Slides;

/// <summary>Makes all levels of a mask in one pass over its rows. Each level halves the one before; of four pixels the most frequent class is kept.</summary>
/// <remarks>Of equally frequent classes the first in reading order is kept. A level keeps one row of tiles in memory.</remarks>
internal sealed class ClassPyramid
{
    private readonly int _tileSize;
    private readonly Level[] _levels;
    private readonly TileRowWork _emit;

    /// <param name="width">Width of level 0.</param>
    /// <param name="height">Height of level 0.</param>
    /// <param name="tileSize">Rows of a row of tiles; even.</param>
    /// <param name="levelCount">How many levels.</param>
    /// <param name="emit">Is given every row of tiles of every level; its memory is only lent.</param>
    public ClassPyramid(int width, int height, int tileSize, int levelCount, TileRowWork emit)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tileSize % 2, 0);
        _tileSize = tileSize;
        _emit = emit;
        _levels = new Level[levelCount];
        for (var level = 0; level < levelCount; level++)
        {
            _levels[level] = new Level(width, height, new byte[checked(width * Math.Min(tileSize, height))]);
            (width, height) = (Half(width), Half(height));
        }
    }

    /// <summary>A row of tiles of one level: [count, width].</summary>
    internal delegate void TileRowWork(int level, int tileRow, byte[] rows, int count);

    /// <summary>Levels until the whole mask fits into one tile.</summary>
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

    /// <summary>Adds the next rows of level 0, as many as a row of tiles has or, at the end, as are left.</summary>
    public void Add(ReadOnlySpan<byte> rows)
    {
        rows.CopyTo(_levels[0].Rows.AsSpan(_levels[0].Filled * _levels[0].Width));
        _levels[0].Filled += rows.Length / _levels[0].Width;
        Pass(0);
    }

    private void Pass(int index)
    {
        var level = _levels[index];
        var isLast = level.Done + level.Filled == level.Height;
        if (level.Filled < _tileSize && !isLast)
        {
            return;
        }

        _emit(index, level.Done / _tileSize, level.Rows, level.Filled);
        level.Done += level.Filled;
        if (index + 1 < _levels.Length)
        {
            var next = _levels[index + 1];
            for (var y = 0; y < level.Filled; y += 2)
            {
                var first = level.Rows.AsSpan(y * level.Width, level.Width);
                var second = y + 1 < level.Filled ? level.Rows.AsSpan((y + 1) * level.Width, level.Width) : first;
                HalveRow(first, second, next.Rows.AsSpan(next.Filled * next.Width, next.Width));
                next.Filled++;
            }

            level.Filled = 0;
            Pass(index + 1);
        }

        level.Filled = 0;
    }

    private static void HalveRow(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> target)
    {
        const int Block = sizeof(ulong);
        const ulong EveryByte = 0x0101_0101_0101_0101;
        var x = 0;
        while (x < first.Length)
        {
            // Most of a mask is of one class.
            if (x + Block <= first.Length)
            {
                var word = BinaryPrimitives.ReadUInt64LittleEndian(first[x..]);
                if (word == BinaryPrimitives.ReadUInt64LittleEndian(second[x..]) && word == (word & byte.MaxValue) * EveryByte)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(target[(x / 2)..], (uint)word);
                    x += Block;
                    continue;
                }
            }

            for (var end = Math.Min(x + Block, first.Length); x < end; x += 2)
            {
                target[x / 2] = x + 1 < first.Length ? Mode(first[x], first[x + 1], second[x], second[x + 1]) : first[x];
            }
        }
    }

    /// <summary>The most frequent of four; of equals the first.</summary>
    private static byte Mode(byte a, byte b, byte c, byte d)
    {
        if (a == b || a == c || a == d)
        {
            // Two pairs: the first pair is a's.
            return a;
        }

        return b == c || b == d ? b : c == d ? c : a;
    }

    private sealed class Level(int width, int height, byte[] rows)
    {
        public int Width => width;

        public int Height => height;

        public byte[] Rows => rows;

        /// <summary>Rows in the buffer.</summary>
        public int Filled { get; set; }

        /// <summary>Rows that were emitted.</summary>
        public int Done { get; set; }
    }
}
