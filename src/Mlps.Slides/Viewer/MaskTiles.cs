using System.Globalization;
using Mlps.Torch;

namespace Mlps.Slides;

/// <summary>Writes a layer of transparent PNG tiles for each class of a mask. Tiles without a pixel of the class are not written.</summary>
internal sealed class MaskTiles
{
    private readonly string _folder;
    private readonly SlideDescription _slide;
    private readonly int _firstLevel;

    private MaskTiles(string folder, IMaskRows rows, SlideDescription slide, double micronsPerPixel)
    {
        (_folder, _slide) = (folder, slide);
        var (width, height) = (rows.Width, rows.Height);
        for (var size = slide.MaskMicronsPerPixel; size * 1.5 < micronsPerPixel; size *= 2)
        {
            (width, height) = (TilePyramid.Half(width), TilePyramid.Half(height));
            _firstLevel++;
        }

        Levels = new TileLevels(width, height);
        Existing = [.. slide.Classes.Select(_ => new TileSet(width, height, TileLevels.TileSize, Levels.Count))];

        // Halves are rounded up, so the largest level reaches a little beyond the slide.
        ShareOfWidth = width * (double)(1L << _firstLevel) * slide.MaskScale / slide.Width;
    }

    /// <summary>The levels of all layers.</summary>
    public TileLevels Levels { get; }

    /// <summary>The tiles of each class.</summary>
    public IReadOnlyList<TileSet> Existing { get; }

    /// <summary>The layers' width as a part of the slide's.</summary>
    public double ShareOfWidth { get; }

    /// <summary>Writes the tiles, the first class into folder <c>class-0</c>.</summary>
    /// <param name="folder">Where to; it must be empty.</param>
    /// <param name="rows">The mask.</param>
    /// <param name="slide">What it is of.</param>
    /// <param name="micronsPerPixel">Size of the smallest pixels to write.</param>
    /// <param name="cancellation">Stops between two rows of tiles.</param>
    public static MaskTiles Write(string folder, IMaskRows rows, SlideDescription slide, double micronsPerPixel, CancellationToken cancellation)
    {
        var tiles = new MaskTiles(folder, rows, slide, micronsPerPixel);
        for (var index = 0; index < slide.Classes.Count; index++)
        {
            tiles.Levels.CreateFolders(tiles.FolderOf(index));
        }

        var pyramid = new TilePyramid(rows.Width, rows.Height, bytesAPixel: 1, TileLevels.TileSize, tiles._firstLevel + tiles.Levels.Count, ClassHalving.HalveRow, tiles.Add);
        pyramid.Add(rows, cancellation);
        return tiles;
    }

    private void Add(int pyramidLevel, int tileRow, byte[] rows, int count)
    {
        var level = pyramidLevel - _firstLevel;
        if (level < 0)
        {
            return;
        }

        var width = Levels.WidthOf(level);
        var columns = TilePyramid.Tiles(width, TileLevels.TileSize);
        var found = new bool[columns][];
        ParallelLoop.For(columns, column =>
        {
            var left = column * TileLevels.TileSize;
            var tileWidth = Math.Min(TileLevels.TileSize, width - left);
            found[column] = Classes(rows, width, left, tileWidth, count);
            for (var index = 0; index < _slide.Classes.Count; index++)
            {
                if (found[column][index])
                {
                    File.WriteAllBytes(Levels.PathOf(FolderOf(index), level, column, tileRow, "png"), ClassTile.Encode(rows, width, left, tileWidth, count, (byte)index, _slide.Classes[index].Color));
                }
            }
        });

        for (var column = 0; column < columns; column++)
        {
            for (var index = 0; index < _slide.Classes.Count; index++)
            {
                if (found[column][index])
                {
                    Existing[index].Add(level, column, tileRow);
                }
            }
        }
    }

    private static bool[] Classes(byte[] rows, int stride, int left, int width, int height)
    {
        var found = new bool[byte.MaxValue + 1];
        for (var y = 0; y < height; y++)
        {
            var row = rows.AsSpan((y * stride) + left, width);
            while (!row.IsEmpty)
            {
                found[row[0]] = true;
                var next = row.IndexOfAnyExcept(row[0]);
                row = next < 0 ? [] : row[next..];
            }
        }

        return found;
    }

    private string FolderOf(int index) => Path.Combine(_folder, "class-" + index.ToString(CultureInfo.InvariantCulture));
}
