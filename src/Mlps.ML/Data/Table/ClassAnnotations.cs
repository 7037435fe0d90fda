using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Interop;

/// <summary>Class names beside a column, so that a table explains itself.</summary>
internal static class ClassAnnotations
{
    /// <summary>Annotation with the names of the classes, in order of their index.</summary>
    public const string Classes = "Classes";

    /// <summary>ML.NET's annotation with one name per value of a vector.</summary>
    public const string SlotNames = "SlotNames";

    /// <summary>Annotations that carry class names.</summary>
    /// <param name="names">Names in order of the class index.</param>
    /// <param name="perSlot">Whether the column has one value per class, so that the names are its slot names too.</param>
    public static DataViewSchema.Annotations Create(IReadOnlyList<string> names, bool perSlot)
    {
        ReadOnlyMemory<char>[] text = [.. names.Select(name => name.AsMemory())];
        var type = new VectorDataViewType(TextDataViewType.Instance, text.Length);
        void Get(ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(text.Length, text).CopyTo(ref value);

        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add<VBuffer<ReadOnlyMemory<char>>>(Classes, type, Get);
        if (perSlot)
        {
            builder.Add<VBuffer<ReadOnlyMemory<char>>>(SlotNames, type, Get);
        }

        return builder.ToAnnotations();
    }

    /// <summary>The class names beside a column, or null where it has none.</summary>
    public static IReadOnlyList<string>? Read(DataViewSchema.Column column)
    {
        var name = new[] { Classes, SlotNames }.FirstOrDefault(candidate =>
            column.Annotations.Schema.GetColumnOrNull(candidate)?.Type is VectorDataViewType { ItemType: TextDataViewType });
        if (name is null)
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(name, ref names);
        return [.. names.DenseValues().Select(text => text.ToString())];
    }
}
