using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Reads the columns that a training needs into a patch store, once.</summary>
internal sealed class PatchStoreReader
{
    private readonly IDataView _table;
    private readonly DataViewSchema.Column _image;
    private readonly DataViewSchema.Column? _label;
    private readonly DataViewSchema.Column[] _masks;
    private readonly int _classCount;

    /// <param name="table">Checked to have the columns.</param>
    /// <param name="imageColumn">Images, which must be of one size.</param>
    /// <param name="labelColumn">Vector of Boolean [C], or null.</param>
    /// <param name="maskColumns">Vectors of Byte [H, W].</param>
    /// <param name="classCount">C.</param>
    public PatchStoreReader(IDataView table, string imageColumn, string? labelColumn, IEnumerable<string> maskColumns, int classCount)
    {
        _table = table;
        _classCount = classCount;
        _image = table.Schema[imageColumn];
        _label = labelColumn is null ? null : table.Schema[labelColumn];
        _masks = [.. maskColumns.Select(name => table.Schema[name])];
    }

    /// <summary>The store, which the caller disposes.</summary>
    /// <param name="cancellation">Stops the reading at the next row.</param>
    /// <param name="progress">Told after every patch how many were read, and how many there are or 0; or null.</param>
    /// <exception cref="TissueDataException">There are no rows, images of different sizes, or masks that do not fit.</exception>
    public PatchStore Read(CancellationToken cancellation, Action<long, long>? progress = null)
    {
        PatchStore? store = null;
        try
        {
            var name = _table.Schema.GetColumnOrNull(TissueColumns.Name);
            DataViewSchema.Column[] needed = [_image, .. _masks, .. new[] { _label, name }.OfType<DataViewSchema.Column>()];
            using var cursor = _table.GetRowCursor(needed);
            var rows = new RowReader(cursor, _image, _label, _masks, name);
            while (cursor.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                rows.ReadImage();
                store ??= new PatchStore(new PatchLayout(rows.Image.Height, rows.Image.Width, _label is null ? 0 : _classCount, _masks.Length));
                AddRow(store, rows);
                progress?.Invoke(store.Count, _table.GetRowCount() ?? 0);
            }

            return store ?? throw new TissueDataException("The table to train on has no rows. Check the dataset and any filter before the estimator.");
        }
        catch
        {
            store?.Dispose();
            throw;
        }
    }

    private void AddRow(PatchStore store, RowReader rows)
    {
        var layout = store.Layout;
        if ((rows.Image.Height, rows.Image.Width) != (layout.Height, layout.Width))
        {
            throw new TissueDataException(
                $"Column '{_image.Name}', {rows.Name}: the image has {rows.Image.Width}x{rows.Image.Height} pixels, the first one {layout.Width}x{layout.Height}. Patches to train on must be of one size; cut or resize them alike.");
        }

        var index = store.Add();
        ImagePixels.CopyRgb(rows.Image, store.Image(index));
        if (_label is not null)
        {
            rows.CopyLabel(store.Label(index));
        }

        for (var m = 0; m < _masks.Length; m++)
        {
            rows.CopyMask(m, store.Mask(index, m), _classCount);
        }
    }

    /// <summary>The values of the current row.</summary>
    private sealed class RowReader
    {
        private readonly DataViewRow _row;
        private readonly DataViewSchema.Column[] _maskColumns;
        private readonly DataViewSchema.Column? _labelColumn;
        private readonly ValueGetter<MLImage> _image;
        private readonly ValueGetter<VBuffer<bool>>? _label;
        private readonly ValueGetter<VBuffer<byte>>[] _masks;
        private readonly ValueGetter<ReadOnlyMemory<char>>? _name;
        private MLImage? _current;
        private VBuffer<bool> _labelValue;
        private VBuffer<byte> _maskValue;

        public RowReader(DataViewRow row, DataViewSchema.Column image, DataViewSchema.Column? label, DataViewSchema.Column[] masks, DataViewSchema.Column? name)
        {
            _row = row;
            _image = row.GetGetter<MLImage>(image);
            _labelColumn = label;
            _label = label is { } labelColumn ? row.GetGetter<VBuffer<bool>>(labelColumn) : null;
            _maskColumns = masks;
            _masks = [.. masks.Select(row.GetGetter<VBuffer<byte>>)];
            _name = name is { Type: TextDataViewType } nameColumn ? row.GetGetter<ReadOnlyMemory<char>>(nameColumn) : null;
        }

        public MLImage Image => _current!;

        public string Name
        {
            get
            {
                ReadOnlyMemory<char> name = default;
                _name?.Invoke(ref name);
                return name.IsEmpty ? $"row {_row.Position}" : $"'{name}'";
            }
        }

        public void ReadImage()
        {
            _image(ref _current!);
            if (_current is null)
            {
                throw new TissueDataException($"{Name}: the row has no image.");
            }
        }

        public void CopyLabel(Span<byte> target)
        {
            _label!(ref _labelValue);
            if (_labelValue.Length != target.Length)
            {
                throw new TissueDataException($"Column '{_labelColumn!.Value.Name}', {Name}: the label has {_labelValue.Length} entries for {target.Length} classes.");
            }

            foreach (var (c, value) in _labelValue.Items(all: true))
            {
                target[c] = value ? (byte)1 : (byte)0;
            }
        }

        public void CopyMask(int mask, Span<byte> target, int classCount)
        {
            _masks[mask](ref _maskValue);
            if (_maskValue.Length != target.Length)
            {
                throw new TissueDataException($"Column '{_maskColumns[mask].Name}', {Name}: the mask has {_maskValue.Length} pixels, its image {target.Length}.");
            }

            _maskValue.CopyTo(target);
            var highest = System.Numerics.Tensors.TensorPrimitives.Max<byte>(target);
            if (highest > classCount)
            {
                throw new TissueDataException($"Column '{_maskColumns[mask].Name}', {Name}: the mask has class index {highest}; expected 0..{classCount - 1}, or {classCount} for background.");
            }
        }
    }
}
