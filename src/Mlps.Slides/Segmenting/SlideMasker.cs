using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Computes the mask of one slide, band by band, into a <see cref="BandFile"/>; reading, computing and writing overlap in time.</summary>
/// <remarks>A row of tiles is a table of its own, so that a run that goes on puts the same tiles into the same batches, and ends in the same bytes.</remarks>
internal sealed class SlideMasker(SlideModel model, SlideTiles tiles, BandFile bands)
{
    private readonly TileGrid _grid = tiles.Grid;

    /// <summary>One is written while the next is filled; bands of large slides have tens of megabytes.</summary>
    private readonly byte[][] _buffers = [new byte[2 * bands.LinesOf(0) * bands.Width], new byte[2 * bands.LinesOf(0) * bands.Width]];

    private readonly WorkMemory _memory = new();
    private readonly TileMeans _means = new(tiles, model.Classes.Count);

    /// <summary>Told of the bands that are whole, after each.</summary>
    public Action<int, int>? Progress { get; init; }

    /// <summary>Whether the mean probabilities of tiles are kept with the bands (<see cref="TileMeans.Read"/>).</summary>
    public bool KeepsMeans { get; init; }

    /// <summary>Seconds in which the network waited for tiles to be read.</summary>
    public double WaitSeconds { get; private set; }

    /// <summary>Tiles that were computed.</summary>
    public int TileCount { get; private set; }

    /// <summary>Computes all bands that are missing.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped; the bands so far are kept.</exception>
    public void Run(CancellationToken cancellation)
    {
        var blender = new TileBlender(bands.Width, _grid.Size, _grid.Stride, model.Classes.Count);
        var done = bands.Count;
        var rowsOfABand = (_grid.Size + _grid.Stride - 1) / _grid.Stride;
        var row = Math.Max(0, done - rowsOfABand + 1);
        var next = Start(row);
        var writing = Task.CompletedTask;
        try
        {
            for (; bands.BandCount > done; row++)
            {
                var present = next;
                next = Start(row + 1);
                if (present is not null)
                {
                    Add(blender, present, row, cancellation);
                }

                cancellation.ThrowIfCancellationRequested();
                var means = _means.Take();
                if (row < done)
                {
                    blender.Advance();
                    continue;
                }

                var band = Finish(blender, row);
                writing.GetAwaiter().GetResult();
                writing = Task.Run(() => bands.Append(band.Span, means), CancellationToken.None);
                done++;
                Progress?.Invoke(done, bands.BandCount);
            }
        }
        finally
        {
            next?.Stop();
            writing.GetAwaiter().GetResult();
        }
    }

    private SlideTiles? Start(int row) => row < _grid.Rows ? tiles.StartRow(row) : null;

    private void Add(TileBlender blender, SlideTiles rowOfTiles, int row, CancellationToken cancellation)
    {
        try
        {
            if (rowOfTiles.Count == 0)
            {
                return;
            }

            var table = model.Transform(rowOfTiles);
            var (column, mask, probability) = (table.Schema[TileColumns.Column], table.Schema[model.Segmenter.PredictedMaskColumnName], table.Schema[model.Segmenter.PixelProbabilityColumnName]);
            using var cursor = table.GetRowCursor([column, mask, probability]);
            var (getColumn, getMask, getProbability) = (cursor.GetGetter<int>(column), cursor.GetGetter<VBuffer<byte>>(mask), cursor.GetGetter<VBuffer<float>>(probability));
            var at = 0;
            VBuffer<byte> classes = default;
            VBuffer<float> values = default;
            while (cursor.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                getColumn(ref at);
                getProbability(ref values);
                getMask(ref classes);
                blender.Add(at * _grid.Stride, values.GetValues(), classes.GetValues());
                if (KeepsMeans)
                {
                    _means.Add(row, at, values.GetValues(), classes.GetValues());
                }

                TileCount++;
                _memory.EndTile();
            }
        }
        finally
        {
            rowOfTiles.Stop();
            WaitSeconds += rowOfTiles.WaitSeconds;
        }
    }

    private ReadOnlyMemory<byte> Finish(TileBlender blender, int band)
    {
        var lines = bands.LinesOf(band);
        var pixels = lines * bands.Width;
        var bytes = _buffers[band % 2].AsMemory(0, 2 * pixels);
        var classes = bytes.Span[..pixels];
        var probability = bytes.Span[pixels..];
        blender.Finish(classes, probability);
        for (var y = 0; y < lines; y++)
        {
            RemoveGlass(classes.Slice(y * bands.Width, bands.Width), probability.Slice(y * bands.Width, bands.Width), (band * _grid.Stride) + y);
        }

        return bytes;
    }

    /// <summary>Takes away what tiles saw beside the tissue.</summary>
    private void RemoveGlass(Span<byte> classes, Span<byte> probability, int line)
    {
        var y = (line + 0.5) * _grid.Downsample;
        for (var x = 0; x < classes.Length; x++)
        {
            if (classes[x] != MaskValue.NotLookedAt && !tiles.Mask.At((x + 0.5) * _grid.Downsample, y))
            {
                (classes[x], probability[x]) = (MaskValue.NotLookedAt, 0);
            }
        }
    }
}
