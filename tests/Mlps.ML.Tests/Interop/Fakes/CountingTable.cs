using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.LoadProbe;
using Xunit;

namespace Mlps.ML.Tests.Interop.Fakes;

/// <summary>A table that counts what is read from it and keeps an eye on its images.</summary>
/// <remarks>
/// By default it treats images as ML.NET's loader does: a new one each time, and the one handed back is disposed. With
/// <see cref="SharesImages"/> it gives its own, as a table in memory does. Vectors are written into the buffer that is handed in.
/// </remarks>
internal sealed class CountingTable : IDataView
{
    private readonly List<MLImage> _given = [];
    private readonly MLImage[] _own;
    private int _cursors;
    private int _decodes;
    private int _rowsMoved;

    public CountingTable(int rows, Func<int, (int Width, int Height)>? size = null, bool sharesImages = false)
    {
        Rows = rows;
        Size = size ?? (_ => (6, 4));
        SharesImages = sharesImages;
        _own = sharesImages ? [.. Enumerable.Range(0, rows).Select(Decode)] : [];
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Name", TextDataViewType.Instance);
        schema.AddColumn("Image", new ImageDataViewType());
        schema.AddColumn("Number", NumberDataViewType.Int64);
        schema.AddColumn("When", DateTimeDataViewType.Instance);
        schema.AddColumn("Kind", new KeyDataViewType(typeof(uint), 3));
        schema.AddColumn("Weights", new VectorDataViewType(NumberDataViewType.Single));
        schema.AddColumn("Words", new VectorDataViewType(TextDataViewType.Instance, 2));
        Schema = schema.ToSchema();
    }

    public int Rows { get; }

    public Func<int, (int Width, int Height)> Size { get; }

    public bool SharesImages { get; }

    /// <summary>Row whose image cannot be read, or null.</summary>
    public int? BrokenRow { get; init; }

    /// <summary>Row whose image is missing, or null.</summary>
    public int? RowWithoutImage { get; init; }

    /// <summary>Called before an image is decoded, with its row.</summary>
    public Action<int>? Decoding { get; set; }

    public int Cursors => _cursors;

    public int Decodes => _decodes;

    public int RowsMoved => _rowsMoved;

    /// <summary>Names of the columns that the latest cursor was requested for.</summary>
    public IReadOnlyList<string> LatestActive { get; private set; } = [];

    public IReadOnlyList<MLImage> OwnImages => _own;

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public static bool IsDisposed(MLImage image)
    {
        try
        {
            return image.Width == 0;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    public int CountUndisposed()
    {
        lock (_given)
        {
            return _given.Count(image => !IsDisposed(image));
        }
    }

    public long? GetRowCount() => Rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Interlocked.Increment(ref _cursors);
        DataViewSchema.Column[] active = [.. columnsNeeded];
        LatestActive = [.. active.Select(column => column.Name)];
        return new Cursor(this, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private MLImage Decode(int row) => TestImages.Create(row, Size(row).Width, Size(row).Height);

    private sealed class Cursor(CountingTable table, DataViewSchema.Column[] active) : DataViewRowCursor
    {
        private int _row = -1;

        public override DataViewSchema Schema => table.Schema;

        public override long Position => _row;

        public override long Batch => _row / 2;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Any(one => one.Index == column.Index);

        public override bool MoveNext()
        {
            Interlocked.Increment(ref table._rowsMoved);
            return ++_row < table.Rows;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)(_row * 7), 1);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Assert.True(IsColumnActive(column), $"{column.Name} is read and was not asked for.");
            Delegate getter = column.Name switch
            {
                "Name" => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = $"patch {_row}".AsMemory()),
                "Image" => (ValueGetter<MLImage?>)GetImage,
                "Number" => (ValueGetter<long>)((ref long value) => value = _row * 100L),
                "When" => (ValueGetter<DateTime>)((ref DateTime value) => value = new DateTime(2020, 1, 1).AddDays(_row)),
                "Kind" => (ValueGetter<uint>)((ref uint value) => value = (uint)(_row % 4)),
                "Weights" => (ValueGetter<VBuffer<float>>)GetWeights,
                _ => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)GetWords,
            };
            return (ValueGetter<TValue>)getter;
        }

        private void GetImage(ref MLImage? value)
        {
            table.Decoding?.Invoke(_row);
            Interlocked.Increment(ref table._decodes);
            if (_row == table.BrokenRow)
            {
                throw new IOException($"patch {_row} is broken");
            }

            if (table.SharesImages)
            {
                value = table._own[_row];
                return;
            }

            value?.Dispose();
            value = null;
            if (_row == table.RowWithoutImage)
            {
                return;
            }

            value = table.Decode(_row);
            lock (table._given)
            {
                table._given.Add(value);
            }
        }

        /// <summary>Every other row sparse, and of a length that differs.</summary>
        private void GetWeights(ref VBuffer<float> value)
        {
            var editor = _row % 2 == 0
                ? VBufferEditor.Create(ref value, _row + 1)
                : VBufferEditor.Create(ref value, _row + 3, 1);
            editor.Values.Fill(_row);
            if (_row % 2 == 1)
            {
                editor.Indices[0] = 2;
            }

            value = editor.Commit();
        }

        private void GetWords(ref VBuffer<ReadOnlyMemory<char>> value)
        {
            var editor = VBufferEditor.Create(ref value, 2);
            editor.Values[0] = $"left {_row}".AsMemory();
            editor.Values[1] = $"right {_row}".AsMemory();
            value = editor.Commit();
        }
    }
}
