namespace Mlps.Slides;

/// <summary>The decoded tiles that were used last. Several threads may read; each tile is decoded by one of them.</summary>
internal sealed class TileCache(SlideSource source, long capacity)
{
    private const int KeptArrays = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Level, int Column, int Row), LinkedListNode<Tile>> _tiles = [];
    private readonly LinkedList<Tile> _byUse = [];
    private readonly Dictionary<int, Stack<byte[]>> _free = [];
    private long _bytes;

    /// <summary>Tiles decoded so far.</summary>
    public long Decoded { get; private set; }

    /// <summary>A tile, which stays as it is until it is given back by <see cref="Return"/>.</summary>
    /// <exception cref="SlideException">It cannot be read.</exception>
    public Tile Rent(int level, int column, int row)
    {
        Tile tile;
        lock (_lock)
        {
            if (_tiles.TryGetValue((level, column, row), out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            else
            {
                var length = source.Levels[level].TileBytes;
                node = _byUse.AddFirst(new Tile(level, column, row, Array(length)));
                _tiles.Add((level, column, row), node);
                _bytes += length;
                Evict();
            }

            tile = node.Value;
            tile.Users++;
        }

        try
        {
            lock (tile)
            {
                if (!tile.IsRead)
                {
                    source.ReadTile(level, column, row, tile.Pixels);
                    tile.IsRead = true;
                    lock (_lock)
                    {
                        Decoded++;
                    }
                }
            }

            return tile;
        }
        catch
        {
            Return(tile);
            throw;
        }
    }

    /// <summary>Gives a tile back.</summary>
    public void Return(Tile tile)
    {
        lock (_lock)
        {
            tile.Users--;
            Evict();
        }
    }

    /// <summary>Drops the tiles that were not used for longest; those in use stay.</summary>
    private void Evict()
    {
        for (var node = _byUse.Last; node is not null && _bytes > capacity;)
        {
            var before = node.Previous;
            var tile = node.Value;
            // The first is the one that is about to be read.
            if (tile.Users == 0 && before is not null)
            {
                _byUse.Remove(node);
                _tiles.Remove((tile.Level, tile.Column, tile.Row));
                _bytes -= tile.Pixels.Length;
                Keep(tile.Pixels);
            }

            node = before;
        }
    }

    private byte[] Array(int length) => _free.TryGetValue(length, out var arrays) && arrays.TryPop(out var array) ? array : GC.AllocateUninitializedArray<byte>(length);

    private void Keep(byte[] array)
    {
        if (!_free.TryGetValue(array.Length, out var arrays))
        {
            _free.Add(array.Length, arrays = []);
        }

        if (arrays.Count < KeptArrays)
        {
            arrays.Push(array);
        }
    }

    /// <summary>A tile in the cache.</summary>
    internal sealed class Tile(int level, int column, int row, byte[] pixels)
    {
        public int Level => level;

        public int Column => column;

        public int Row => row;

        /// <summary>RGB [TileHeight, TileWidth, 3].</summary>
        public byte[] Pixels => pixels;

        /// <summary>Readers that hold it; changed under the cache's lock.</summary>
        public int Users { get; set; }

        /// <summary>Whether the pixels are there; changed under the tile's lock.</summary>
        public bool IsRead { get; set; }
    }
}
