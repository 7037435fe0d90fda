using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Tests.Chain;

/// <summary>Shortcuts for reading a table.</summary>
internal static class TableReading
{
    /// <summary>A vector column, row by row, and no other column.</summary>
    public static T[][] Vectors<T>(this IDataView table, string column)
    {
        using var cursor = table.GetRowCursor([table.Schema[column]]);
        var getter = cursor.GetGetter<VBuffer<T>>(table.Schema[column]);
        var rows = new List<T[]>();
        VBuffer<T> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add([.. value.DenseValues()]);
        }

        return [.. rows];
    }

    /// <summary>The names of the classes beside a column.</summary>
    public static string[] Names(this DataViewSchema.Column column, string annotation)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(annotation, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    public static int[] Dimensions(this DataViewSchema schema, string column) => [.. ((VectorDataViewType)schema[column].Type).Dimensions];
}
