using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Reads one share of the rows, batch by batch; several cursors may run side by side, each on one thread.</summary>
internal sealed class PatchTableCursor : DataViewRowCursor, IGivesImagesAway
{
    /// <summary>Rows that one member of a cursor set reads before the next member's turn.</summary>
    private const int BatchRows = 16;

    private readonly PatchColumn[] _columns;
    private readonly bool[] _active;
    private readonly IReadOnlyList<TissuePatch> _patches;
    private readonly int[] _order;
    private readonly int _member;
    private readonly int _members;
    private readonly ImagesAhead? _images;
    private readonly ImageAhead? _ahead;
    private long _position = -1;
    private int _place = -1;

    public PatchTableCursor(
        DataViewSchema schema,
        PatchColumn[] columns,
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        IReadOnlyList<TissuePatch> patches,
        int[] order,
        int member,
        int members,
        Action<DamagedPatch>? damaged = null)
    {
        Schema = schema;
        (_columns, _patches, _order, _member, _members) = (columns, patches, order, member, members);
        _active = new bool[columns.Length];
        foreach (var column in columnsNeeded)
        {
            _active[column.Index] = true;
        }

        if (columns.Where((column, index) => _active[index] && column.Decode is not null).FirstOrDefault() is { Decode: { } decode })
        {
            // Members of a set have threads of their own.
            _images = members == 1 ? new ImagesAhead(order.Length, place => decode(patches[order[place]])) : null;
            Func<int, MLImage> read = _images is null ? place => decode(patches[order[place]]) : _images.Take;

            // Whether an image can be read shows when it is read: cursors that do not read it have all rows.
            _ahead = damaged is null ? null : new ImageAhead(read, damaged);
        }
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => _place < 0 ? 0 : _place / BatchRows;

    public static int BatchCount(int rows) => (rows + BatchRows - 1) / BatchRows;

    public override bool MoveNext()
    {
        do
        {
            _place = _place switch
            {
                _ when _place >= _order.Length => _order.Length,
                < 0 => _member * BatchRows,
                _ when (_place + 1) % BatchRows == 0 => _place + 1 + ((_members - 1) * BatchRows),
                _ => _place + 1,
            };
        }
        while (_ahead is not null && _place < _order.Length && !_ahead.TryRead(_place, _patches[Row()]));

        var onRow = _place < _order.Length;
        _position = onRow ? _position + 1 : -1;
        return onRow;
    }

    public bool GivesImagesAway => true;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Row(), 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new ArgumentException($"Column '{column.Name}' is not among the columns requested from this cursor; name it when opening the cursor.", nameof(column));
        }

        var source = _columns[column.Index];
        return Getter(source) as ValueGetter<TValue>
            ?? throw new ArgumentException($"Column '{column.Name}' holds values of type {column.Type.RawType}, not {typeof(TValue)}.", nameof(column));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ahead?.Dispose();
            _images?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Delegate Getter(PatchColumn column) => (column.Decode, _ahead, _images) switch
    {
        (null, _, _) or (_, null, null) => column.Getter(() => _patches[Row()]),
        (_, { } ahead, _) => ImageGetter(ahead.Take),
        (_, _, { } images) => ImageGetter(images.Take),
    };

    private ValueGetter<MLImage> ImageGetter(Func<int, MLImage> take) => (ref MLImage value) =>
    {
        _ = Row();
        PatchColumns.Replace(ref value, take(_place));
    };

    private int Row() => (uint)_place < (uint)_order.Length
        ? _order[_place]
        : throw new InvalidOperationException("The cursor is on no row: call MoveNext first, and stop when it returns false.");
}
