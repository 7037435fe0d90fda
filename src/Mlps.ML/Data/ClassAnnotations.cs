using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML;

/// <summary>Class names on columns: slot names where the vector has a slot for each of the C tissues, else the annotation <c>Classes</c>.</summary>
internal static class ClassAnnotations
{
    private const string SlotNamesKind = "SlotNames";

    /// <summary>Names of the slots of a vector [C].</summary>
    public static DataViewSchema.Annotations SlotNames(IReadOnlyList<string> names) => Of(SlotNamesKind, names);

    /// <summary>Class names of a vector whose slots are not classes.</summary>
    public static DataViewSchema.Annotations Classes(IReadOnlyList<string> names) => Of(TissueColumns.ClassesAnnotation, names);

    /// <summary>The class names on a column, whichever way they are kept; null where there are none.</summary>
    public static IReadOnlyList<string>? Read(DataViewSchema.Column column)
    {
        foreach (var kind in (ReadOnlySpan<string>)[TissueColumns.ClassesAnnotation, SlotNamesKind])
        {
            if (column.Annotations.Schema.GetColumnOrNull(kind) is { Type: VectorDataViewType { ItemType: TextDataViewType } })
            {
                VBuffer<ReadOnlyMemory<char>> names = default;
                column.Annotations.GetValue(kind, ref names);
                return [.. names.DenseValues().Select(name => name.ToString())];
            }
        }

        return null;
    }

    private static DataViewSchema.Annotations Of(string kind, IReadOnlyList<string> names)
    {
        var values = names.Select(name => name.AsMemory()).ToArray();
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(
            kind,
            new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(values.Length, values).CopyTo(ref value));
        return builder.ToAnnotations();
    }
}
