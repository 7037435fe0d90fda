using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Slides;

/// <summary>Goes through the tiles of a slide.</summary>
internal sealed class TileCursor : DataViewRowCursor, IGivesImagesAway
{
    private readonly SlideTiles _tiles;
    private readonly bool[] _isActive;
    private readonly TileAhead? _ahead;
    private int _position = -1;

    public TileCursor(SlideTiles tiles, IEnumerable<DataViewSchema.Column> columnsNeeded, TileAhead? started = null)
    {
        _tiles = tiles;
        _isActive = new bool[tiles.Schema.Count];
        foreach (var column in columnsNeeded)
        {
            _isActive[column.Index] = true;
        }

        var readsImages = _isActive[tiles.Schema[TissueColumns.Image].Index];
        _ahead = readsImages ? started ?? new TileAhead(tiles) : null;
        if (!readsImages)
        {
            started?.Dispose();
        }
    }

    public override DataViewSchema Schema => _tiles.Schema;

    public override long Position => _position;

    public override long Batch => 0;

    public bool GivesImagesAway => true;

    private TilePlace Place => _position >= 0
        ? _tiles.Place(_position)
        : throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and stop when it returns false.");

    public override bool MoveNext()
    {
        if (_position == -1 && IsAtEnd)
        {
            return false;
        }

        _ahead?.MoveNext();
        _position++;
        if (_position < _tiles.Count)
        {
            return true;
        }

        (_position, IsAtEnd) = (-1, true);
        return false;
    }

    private bool IsAtEnd { get; set; }

    public override bool IsColumnActive(DataViewSchema.Column column) => _isActive[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        _ = Place;
        value = new DataViewRowId((ulong)_position, 0);
    };

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new ArgumentException($"Column '{column.Name}' is not among the columns requested from this cursor; name it when opening the cursor.", nameof(column));
        }

        return Getter(column.Name) as ValueGetter<TValue>
            ?? throw new ArgumentException($"Column '{column.Name}' holds values of type {column.Type.RawType}, not {typeof(TValue)}.", nameof(column));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ahead?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Delegate Getter(string column) => column switch
    {
        TissueColumns.Name => (ValueGetter<ReadOnlyMemory<char>>)((ref value) => value = _tiles.Name(Place).AsMemory()),
        TissueColumns.Image => (ValueGetter<MLImage>)((ref value) =>
        {
            // The last row's image is the cursor's to dispose, as in ML.NET's own image loader.
            value?.Dispose();
            value = _ahead!.Take(Place);
        }),
        TileColumns.X => (ValueGetter<double>)((ref value) => value = _tiles.Grid.X(Place.Column)),
        TileColumns.Y => (ValueGetter<double>)((ref value) => value = _tiles.Grid.Y(Place.Row)),
        TileColumns.Row => (ValueGetter<int>)((ref value) => value = Place.Row),
        TileColumns.Column => (ValueGetter<int>)((ref value) => value = Place.Column),
        _ => (ValueGetter<float>)((ref value) => value = Place.Tissue),
    };
}
