using System.Buffers;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Stages;
using Mlps.Torch.Data;

namespace Mlps.ML;

/// <summary>Turns the rows of a cursor into patches.</summary>
internal sealed class PatchRowReader : IDisposable
{
    private readonly PatchRowColumns _columns;
    private readonly ValueGetter<MLImage?> _getImage;
    private readonly UpstreamImage _image;
    private readonly ValueGetter<VBuffer<bool>>? _label;
    private readonly ValueGetter<VBuffer<byte>>[] _masks;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _name;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _source;
    private readonly ValueGetter<VBuffer<float>>? _gate;
    private VBuffer<bool> _labelValue;
    private VBuffer<byte> _maskValue;
    private VBuffer<float> _gateValue;

    public PatchRowReader(DataViewRow row, PatchRowColumns columns)
    {
        _columns = columns;
        _getImage = row.GetGetter<MLImage?>(columns.Image);
        _image = UpstreamImage.Of(row);
        _label = columns.Label is { } label ? row.GetGetter<VBuffer<bool>>(label) : null;
        _masks = [.. columns.Masks.Select(row.GetGetter<VBuffer<byte>>)];
        _name = columns.Name is { Type: TextDataViewType } name ? row.GetGetter<ReadOnlyMemory<char>>(name) : null;
        _source = columns.Source is { } source ? row.GetGetter<ReadOnlyMemory<char>>(source) : null;
        _gate = columns.Gate is { } gate ? row.GetGetter<VBuffer<float>>(gate) : null;
    }

    /// <summary>The row that the cursor is on.</summary>
    /// <exception cref="TissueDataException">The row has no image, or a label or mask that does not fit.</exception>
    /// <exception cref="PatchRowException">The same, where the row has no name.</exception>
    public ReadPatch Read()
    {
        var name = Name();
        var image = _image.Read(_getImage) ?? throw Unfit(name, row => $"{row}: the row has no image.");
        var layout = new PatchLayout(image.Height, image.Width, _label is null ? 0 : _columns.ClassCount, _masks.Length);
        var rented = ArrayPool<byte>.Shared.Rent(layout.PatchBytes);
        var bytes = rented.AsSpan(0, layout.PatchBytes);
        ImagePixels.CopyRgb(image, bytes[layout.Image]);
        if (_label is not null)
        {
            CopyLabel(bytes[layout.Label], name);
        }

        for (var mask = 0; mask < _masks.Length; mask++)
        {
            CopyMask(mask, bytes[layout.Mask(mask)], name);
        }

        return new ReadPatch(layout, rented, name, Source(), Gate());
    }

    public void Dispose() => _image.Dispose();

    private static Exception Unfit(string? name, Func<string, string> message) => name is null ? new PatchRowException(message) : new TissueDataException(message(name));

    private string? Name()
    {
        ReadOnlyMemory<char> name = default;
        _name?.Invoke(ref name);
        return name.IsEmpty ? null : $"'{name}'";
    }

    private string Source()
    {
        ReadOnlyMemory<char> source = default;
        _source?.Invoke(ref source);
        return source.ToString();
    }

    private float[]? Gate()
    {
        _gate?.Invoke(ref _gateValue);
        return _gate is null ? null : [.. _gateValue.DenseValues()];
    }

    private void CopyLabel(Span<byte> target, string? name)
    {
        _label!(ref _labelValue);
        if (_labelValue.Length != target.Length)
        {
            var (entries, classes) = (_labelValue.Length, target.Length);
            throw Unfit(name, row => $"Column '{_columns.Label!.Value.Name}', {row}: the label has {entries} entries for {classes} classes.");
        }

        foreach (var (c, value) in _labelValue.Items(all: true))
        {
            target[c] = value ? (byte)1 : (byte)0;
        }
    }

    private void CopyMask(int mask, Span<byte> target, string? name)
    {
        _masks[mask](ref _maskValue);
        var column = _columns.Masks[mask].Name;
        if (_maskValue.Length != target.Length)
        {
            var (length, pixels) = (_maskValue.Length, target.Length);
            throw Unfit(name, row => $"Column '{column}', {row}: the mask has {length} pixels, its image {pixels}.");
        }

        _maskValue.CopyTo(target);
        var highest = TensorPrimitives.Max<byte>(target);
        if (highest > _columns.ClassCount)
        {
            throw Unfit(name, row => $"Column '{column}', {row}: the mask has class index {highest}; expected 0..{_columns.ClassCount - 1}, or {_columns.ClassCount} for background.");
        }
    }
}
