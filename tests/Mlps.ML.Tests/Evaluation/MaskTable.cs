using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlps.ML.Tests.Evaluation;

/// <summary>Builds tables of true and predicted masks, as the loader and the segmenter would.</summary>
internal static class MaskTable
{
    internal sealed class Row
    {
        public string Name { get; set; } = "";

        public VBuffer<byte> Mask { get; set; }

        public VBuffer<byte> PredictedMask { get; set; }
    }

    internal static Row Pair(string name, byte[] mask, byte[] predicted) =>
        new() { Name = name, Mask = new(mask.Length, mask), PredictedMask = new(predicted.Length, predicted) };

    /// <param name="rows">Rows, read once for each cursor.</param>
    /// <param name="classes">Classes annotation of both columns, or null for none.</param>
    /// <param name="predictedClasses">Classes annotation of the predicted column, where it differs.</param>
    /// <param name="shape">Shape of both columns; null for sizes that vary.</param>
    /// <param name="predictedShape">Shape of the predicted column, where it differs.</param>
    internal static IDataView Create(
        IEnumerable<Row> rows, string[]? classes = null, string[]? predictedClasses = null, int[]? shape = null, int[]? predictedShape = null)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        Describe(schema[nameof(Row.Mask)], classes, shape);
        Describe(schema[nameof(Row.PredictedMask)], predictedClasses ?? classes, predictedShape ?? shape);
        return new MLContext().Data.LoadFromEnumerable(rows, schema);
    }

    private static void Describe(SchemaDefinition.Column column, string[]? classes, int[]? shape)
    {
        if (shape is not null)
        {
            column.ColumnType = new VectorDataViewType(NumberDataViewType.Byte, shape);
        }

        if (classes is not null)
        {
            var names = new VBuffer<ReadOnlyMemory<char>>(classes.Length, [.. classes.Select(name => name.AsMemory())]);
            column.AddAnnotation("Classes", names, new VectorDataViewType(TextDataViewType.Instance, classes.Length));
        }
    }
}
