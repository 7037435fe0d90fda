using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Mlps.ML.Interop;

/// <summary>The schema that an estimator promises, before there is any data.</summary>
internal static class SchemaShapes
{
    /// <summary>A promised column.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="type">Its type; a vector type without a size promises a vector whose size may vary from row to row.</param>
    /// <param name="annotations">Annotations by name and type; a vector type with or without a size means the same here.</param>
    public static SchemaShape.Column Column(string name, DataViewType type, params ReadOnlySpan<(string Name, DataViewType Type)> annotations)
    {
        var annotationColumns = new List<SchemaShape.Column>();
        foreach ((var annotation, var annotationType) in annotations)
        {
            annotationColumns.Add(Column(annotation, annotationType));
        }

        SchemaShape.GetColumnTypeShape(type, out var kind, out var itemType, out var isKey);
        return new SchemaShape.Column(name, kind, itemType, isKey, annotationColumns.Count == 0 ? null : new SchemaShape(annotationColumns));
    }

    /// <summary>The input's columns followed by the promised ones, which replace columns of the same name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public static SchemaShape Extend(
        IHostEnvironment environment, SchemaShape inputSchema, IEnumerable<InputColumn> inputs, params IEnumerable<SchemaShape.Column> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (var input in inputs)
        {
            input.Check(environment, inputSchema);
        }

        var columns = inputSchema.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var output in outputs)
        {
            columns[output.Name] = output;
        }

        return new SchemaShape(columns.Values);
    }
}
