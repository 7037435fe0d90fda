using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Mlps.ML.Interop;

/// <summary>A column that a stage reads, checked against schemas in ML.NET's own words.</summary>
/// <remarks>
/// Checks throw what ML.NET's transformers throw, an <see cref="ArgumentOutOfRangeException"/>: "Schema mismatch for input column
/// 'Image': expected Image, got String", or "Could not find input column 'Label'".
/// </remarks>
internal sealed class InputColumn
{
    private readonly DataViewType _itemType;
    private readonly bool _isVector;
    private readonly int? _size;

    private InputColumn(string name, DataViewType itemType, bool isVector, int? size, bool optional)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _itemType = itemType;
        _isVector = isVector;
        _size = size;
        IsOptional = optional;
    }

    /// <summary>Name of the column.</summary>
    public string Name { get; }

    /// <summary>Whether tables without this column are accepted.</summary>
    /// <remarks>One of another type is refused all the same.</remarks>
    public bool IsOptional { get; }

    /// <summary>Whether the column holds images.</summary>
    public bool IsImage => _itemType is ImageDataViewType;

    /// <summary>The type in words, as ML.NET writes it.</summary>
    public string ExpectedType =>
        !_isVector ? _itemType.ToString()!
        : _size is { } size ? string.Create(CultureInfo.InvariantCulture, $"Vector<{_itemType}, {size}>")
        : $"Vector<{_itemType}>";

    /// <summary>Images of any size.</summary>
    public static InputColumn Image(string name, bool optional = false) => new(name, new ImageDataViewType(), isVector: false, null, optional);

    /// <summary>One value of type <typeparamref name="T"/>: a number, a Boolean, or text as <c>ReadOnlyMemory&lt;char&gt;</c>.</summary>
    public static InputColumn Scalar<T>(string name, bool optional = false) => new(name, ItemTypes.Get<T>(), isVector: false, null, optional);

    /// <summary>A vector of <typeparamref name="T"/>.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="size">Number of values, or null: any, and it may differ from row to row.</param>
    /// <param name="optional">Whether the column may be absent.</param>
    public static InputColumn Vector<T>(string name, int? size = null, bool optional = false) => new(name, ItemTypes.Get<T>(), isVector: true, size, optional);

    /// <summary>Checks a schema shape, where estimators promise columns; sizes are not known there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or has another type.</exception>
    public void Check(IHostEnvironment environment, SchemaShape schema)
    {
        if (!schema.TryFindColumn(Name, out var column))
        {
            if (IsOptional)
            {
                return;
            }

            throw Missing(environment, "inputSchema");
        }

        var kindFits = (column.Kind != SchemaShape.Column.VectorKind.Scalar) == _isVector
            && (_size is null || column.Kind == SchemaShape.Column.VectorKind.Vector);
        if (!kindFits || column.IsKey || !ItemFits(column.ItemType))
        {
            throw environment.ExceptSchemaMismatch("inputSchema", "input", Name, ExpectedType, column.GetTypeString());
        }
    }

    /// <summary>Checks a table's schema.</summary>
    /// <returns>The column, or null where an optional one is absent.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or has another type.</exception>
    public DataViewSchema.Column? Check(IHostEnvironment environment, DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(Name) is not { } column)
        {
            return IsOptional ? null : throw Missing(environment, "inputSchema");
        }

        var fits = column.Type is VectorDataViewType vector
            ? _isVector && ItemFits(vector.ItemType) && (_size is null || vector.Size == _size)
            : !_isVector && ItemFits(column.Type);
        return fits ? column : throw environment.ExceptSchemaMismatch("inputSchema", "input", Name, ExpectedType, column.Type.ToString()!);
    }

    /// <summary>Images may be missing although the user's table had them: ML.NET's cache and shuffle leave out columns that they cannot keep, and say so nowhere.</summary>
    private Exception Missing(IHostEnvironment environment, string parameter) => IsImage
        ? new ArgumentOutOfRangeException(
            parameter,
            $"Could not find input column '{Name}'. If the table had it: ML.NET's Cache and ShuffleRows leave out image columns. They are not needed, since images are read once and training shuffles by itself; "
            + "take them away, or put them behind the last stage.")
        : environment.ExceptSchemaMismatch(parameter, "input", Name);

    private bool ItemFits(DataViewType type) => IsImage ? type is ImageDataViewType : _itemType.Equals(type);
}
