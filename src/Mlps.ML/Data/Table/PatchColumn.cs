using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Reads the value of a column for one patch.</summary>
internal delegate void PatchValue<TValue>(TissuePatch patch, ref TValue value);

/// <summary>A column of an image table: its place in the schema, and how its values are read.</summary>
internal abstract record PatchColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations)
{
    /// <summary>Reads the image of a patch, for columns of image files; several threads may do so at once. Null for other columns.</summary>
    public Func<TissuePatch, MLImage>? Decode { get; init; }

    /// <summary>A <see cref="ValueGetter{TValue}"/> for whatever patch is current when it is called.</summary>
    public abstract Delegate Getter(Func<TissuePatch> current);
}

/// <inheritdoc/>
internal sealed record PatchColumn<TValue>(string Name, DataViewType Type, PatchValue<TValue> Read, DataViewSchema.Annotations? Annotations = null)
    : PatchColumn(Name, Type, Annotations)
{
    /// <inheritdoc/>
    public override Delegate Getter(Func<TissuePatch> current)
    {
        ValueGetter<TValue> getter = (ref TValue value) => Read(current(), ref value);
        return getter;
    }
}
