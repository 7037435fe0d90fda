using System.Buffers.Binary;

namespace Mlps.Slides;

/// <summary>The mean probabilities of tiles over their pixels of tissue, in a form that is kept with the bands of the mask.</summary>
/// <remarks>Background counts as no class. Tiles without the middle of a pixel of tissue are left out.</remarks>
internal sealed class TileMeans(SlideTiles tiles, int classCount)
{
    private readonly List<byte> _bytes = [];

    /// <summary>Adds a tile of the present row.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="probability">[C, size, size]: probabilities of the tissues.</param>
    /// <param name="classes">[size, size]: the classes that were predicted, of which background is C.</param>
    public void Add(int row, int column, ReadOnlySpan<float> probability, ReadOnlySpan<byte> classes)
    {
        var grid = tiles.Grid;
        var counted = new bool[classes.Length];
        var tissue = 0;
        for (var pixel = 0; pixel < counted.Length; pixel++)
        {
            // What lies beyond the slide is no tissue.
            var (x, y) = (((column * grid.Stride) + (pixel % grid.Size) + 0.5) * grid.Downsample, ((row * grid.Stride) + (pixel / grid.Size) + 0.5) * grid.Downsample);
            if (x < tiles.Slide.Width && y < tiles.Slide.Height && tiles.Mask.At(x, y))
            {
                tissue++;
                counted[pixel] = classes[pixel] < classCount;
            }
        }

        if (tissue == 0)
        {
            return;
        }

        Append(column);
        for (var c = 0; c < classCount; c++)
        {
            var plane = probability.Slice(c * counted.Length, counted.Length);
            var sum = 0.0;
            for (var pixel = 0; pixel < counted.Length; pixel++)
            {
                sum += counted[pixel] ? plane[pixel] : 0;
            }

            Append(sum / tissue);
        }
    }

    /// <summary>The tiles that were added since the last time, as bytes.</summary>
    public byte[] Take()
    {
        byte[] taken = [.. _bytes];
        _bytes.Clear();
        return taken;
    }

    /// <summary>The tiles that a whole file of bands has kept, row by row.</summary>
    public static IEnumerable<TileProbabilities> Read(BandFile bands, SlideTiles tiles, int classCount)
    {
        for (var row = 0; row < tiles.Grid.Rows; row++)
        {
            foreach (var tile in bands.Note(row).Chunk(sizeof(double) * (1 + classCount)))
            {
                double[] values = [.. tile.Chunk(sizeof(double)).Select(bytes => BinaryPrimitives.ReadDoubleLittleEndian(bytes))];
                yield return Tile(tiles, row, column: (int)values[0], values[1..]);
            }
        }
    }

    private static TileProbabilities Tile(SlideTiles tiles, int row, int column, double[] probabilities)
    {
        var (grid, slide) = (tiles.Grid, tiles.Slide);
        var (left, right) = Span(grid.X(column), slide.Width);
        var (top, bottom) = Span(grid.Y(row), slide.Height);
        return new TileProbabilities(left + slide.Bounds.X, top + slide.Bounds.Y, right - left, bottom - top, probabilities);

        (long First, long End) Span(double first, int end) => ((long)Math.Round(first), (long)Math.Min(end, Math.Round(first + grid.FullSize)));
    }

    private void Append(double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }
}
