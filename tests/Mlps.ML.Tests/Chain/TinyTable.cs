using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Mlps.ML.Interop;

namespace Mlps.ML.Tests.Chain;

/// <summary>A row of a <see cref="TinyTable"/>: which image, and its size in pixels.</summary>
internal sealed record TinyRow(int Number, int Width = TinyTissue.Side, int Height = TinyTissue.Side);

/// <summary>Tables of make-believe tissue, made as they are read.</summary>
internal sealed class TinyTable
{
    private readonly Dictionary<string, TinyRow> _rows;
    private readonly IReadOnlyList<TissuePatch> _patches;
    private int _imageReads;

    public TinyTable(params IEnumerable<TinyRow> rows)
    {
        var all = rows.ToArray();
        _patches = [.. all.Select((row, index) => new TissuePatch($"patch {index}", $"/nowhere/patch {index}.png", Label: null, MaskPath: null))];
        _rows = _patches.Select(patch => patch.Name).Zip(all).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    /// <summary>So many rows of the training patches' size.</summary>
    public static TinyTable Patches(int count) => new(Enumerable.Range(0, count).Select(number => new TinyRow(number)));

    /// <summary>So many rows of another size.</summary>
    public static TinyTable Images(int count, int width, int height) => new(Enumerable.Range(0, count).Select(number => new TinyRow(number, width, height)));

    public int ImageReads => Volatile.Read(ref _imageReads);

    public IReadOnlyList<TinyRow> Rows => [.. _rows.Values];

    /// <summary>A row whose image cannot be read, or null.</summary>
    public string? BrokenImage { get; init; }

    public PatchColumn Name { get; } = new PatchColumn<ReadOnlyMemory<char>>(
        TissueColumns.Name, TextDataViewType.Instance, (TissuePatch patch, ref ReadOnlyMemory<char> value) => value = patch.Name.AsMemory());

    /// <summary>Images whose size the schema does not tell.</summary>
    public PatchColumn Image => ImageOf(new ImageDataViewType());

    public PatchColumn Label => LabelOf(TinyTissue.Label);

    public PatchColumn Mask => Bytes(TissueColumns.Mask, row => TinyTissue.Mask(row.Number, row.Width, row.Height));

    /// <summary>Name, Image and Label, as for training.</summary>
    public IDataView Labelled() => View(Name, Image, Label);

    /// <summary>Name, Image and Mask, as for validation.</summary>
    public IDataView Masked() => View(Name, Image, Mask);

    public IDataView View(params PatchColumn[] columns) => new PatchTable(_patches, columns);

    /// <summary>Images of a size that the schema tells.</summary>
    public PatchColumn ImageOf(ImageDataViewType type) => new PatchColumn<MLImage>(
        TissueColumns.Image,
        type,
        (TissuePatch patch, ref MLImage value) =>
        {
            Interlocked.Increment(ref _imageReads);
            if (patch.Name == BrokenImage)
            {
                throw new IOException($"{patch.Name} is broken");
            }

            var row = _rows[patch.Name];
            value?.Dispose();
            value = TinyTissue.Image(row.Number, row.Width, row.Height);
        });

    public PatchColumn LabelOf(Func<int, bool[]> label) => new PatchColumn<VBuffer<bool>>(
        TissueColumns.Label,
        new VectorDataViewType(BooleanDataViewType.Instance, TinyTissue.Classes.Count),
        (TissuePatch patch, ref VBuffer<bool> value) =>
        {
            var values = label(_rows[patch.Name].Number);
            value = new VBuffer<bool>(values.Length, values);
        });

    /// <summary>A vector of bytes whose length the schema does not tell, with the classes' names beside it.</summary>
    public PatchColumn Bytes(string name, Func<TinyRow, byte[]> values) => new PatchColumn<VBuffer<byte>>(
        name,
        new VectorDataViewType(NumberDataViewType.Byte, 0, 0),
        (TissuePatch patch, ref VBuffer<byte> value) =>
        {
            var bytes = values(_rows[patch.Name]);
            value = new VBuffer<byte>(bytes.Length, bytes);
        },
        ClassAnnotations.Create(TinyTissue.Classes.Names, perSlot: false));

    /// <summary>A column of numbers in the place of another.</summary>
    public static PatchColumn Number(string name) => new PatchColumn<float>(name, NumberDataViewType.Single, (TissuePatch patch, ref float value) => value = 1);
}
