using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML.Stages;
using Mlps.Torch.Evaluation;

namespace Mlps.ML;

/// <summary>Compares the true and predicted masks of a table, one row at a time.</summary>
internal static class SegmentationEvaluator
{
    /// <summary>Kind of the annotation that names the classes of a mask column: a vector of C texts.</summary>
    private const string ClassesAnnotation = "Classes";

    /// <summary>Counts every pixel of every row and computes the scores.</summary>
    /// <param name="data">A table with both columns.</param>
    /// <param name="maskColumnName">True class index per pixel, Vector&lt;Byte, H, W&gt;; the class count is the index of background.</param>
    /// <param name="predictedMaskColumnName">Predicted class index per pixel, as many as in the true mask.</param>
    /// <param name="classNames">Names of the tissue classes; null to take them from the columns' <c>Classes</c> annotation.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">The class names are missing, repeated, or not the same for both columns.</exception>
    /// <exception cref="InvalidOperationException">The masks of a row differ in length, or hold an index out of range.</exception>
    internal static SegmentationMetrics Evaluate(
        IDataView data, string maskColumnName, string predictedMaskColumnName, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var maskColumn = MaskColumn(data.Schema, maskColumnName, "mask", nameof(maskColumnName));
        var predictedColumn = MaskColumn(data.Schema, predictedMaskColumnName, "predicted mask", nameof(predictedMaskColumnName));
        CheckSameShape(maskColumn, predictedColumn, nameof(predictedMaskColumnName));
        var names = ClassNames(maskColumn, predictedColumn, classNames);

        var matrix = new PixelConfusionMatrix(names.Length);
        var nameColumn = StageBindings.FindNameColumn(data.Schema);
        DataViewSchema.Column[] needed = nameColumn is { } present ? [maskColumn, predictedColumn, present] : [maskColumn, predictedColumn];
        using var cursor = data.GetRowCursor(needed);
        var getMask = cursor.GetGetter<VBuffer<byte>>(maskColumn);
        var getPredicted = cursor.GetGetter<VBuffer<byte>>(predictedColumn);
        var getName = nameColumn is { } text ? cursor.GetGetter<ReadOnlyMemory<char>>(text) : null;

        VBuffer<byte> mask = default, predicted = default;
        byte[] maskPixels = [], predictedPixels = [];
        long patches = 0;
        while (cursor.MoveNext())
        {
            getMask(ref mask);
            getPredicted(ref predicted);
            if (mask.Length == 0)
            {
                throw new InvalidOperationException(
                    $"{RowName(cursor, getName)}: column '{maskColumnName}' is empty; evaluation needs a true mask in every row.");
            }

            if (mask.Length != predicted.Length)
            {
                throw new InvalidOperationException(
                    $"{RowName(cursor, getName)}: column '{maskColumnName}' has {mask.Length} pixels and column '{predictedMaskColumnName}' has " +
                    $"{predicted.Length}; both masks must have the size of the image.");
            }

            try
            {
                matrix.Add(Pixels(mask, ref maskPixels), Pixels(predicted, ref predictedPixels));
            }
            catch (ArgumentException error)
            {
                var wrong = error.ParamName == "truth" ? maskColumnName : predictedMaskColumnName;
                throw new InvalidOperationException($"{RowName(cursor, getName)}, column '{wrong}': {error.Message}", error);
            }

            patches++;
        }

        return new SegmentationMetrics(names, matrix, patches);
    }

    private static DataViewSchema.Column MaskColumn(DataViewSchema schema, string columnName, string role, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(columnName, parameter);
        if (schema.GetColumnOrNull(columnName) is not { } column)
        {
            throw new ArgumentOutOfRangeException(parameter, $"Could not find {role} column '{columnName}'");
        }

        if (column.Type is not VectorDataViewType { ItemType: NumberDataViewType { RawType: var itemType } } || itemType != typeof(byte))
        {
            throw new ArgumentOutOfRangeException(
                parameter, $"Schema mismatch for {role} column '{columnName}': expected Vector<Byte>, got {column.Type}");
        }

        return column;
    }

    private static void CheckSameShape(DataViewSchema.Column mask, DataViewSchema.Column predicted, string parameter)
    {
        // Equal lengths hide a swap of height and width; sizes that vary from row to row carry no shape to compare.
        if (mask.Type is VectorDataViewType { IsKnownSize: true, Dimensions.Length: 2 } trueShape
            && predicted.Type is VectorDataViewType { IsKnownSize: true, Dimensions.Length: 2 } predictedShape
            && !trueShape.Dimensions.SequenceEqual(predictedShape.Dimensions))
        {
            throw new ArgumentOutOfRangeException(
                parameter, $"Schema mismatch for predicted mask column '{predicted.Name}': expected {mask.Type}, got {predicted.Type}");
        }
    }

    private static string[] ClassNames(DataViewSchema.Column mask, DataViewSchema.Column predicted, IReadOnlyList<string>? given)
    {
        string[]? maskNames = AnnotatedNames(mask), predictedNames = AnnotatedNames(predicted);
        if (given is null && maskNames is not null && predictedNames is not null && !maskNames.SequenceEqual(predictedNames, NameForm.Comparer))
        {
            throw new ArgumentException(
                $"Column '{mask.Name}' has the classes {List(maskNames)} and column '{predicted.Name}' has {List(predictedNames)}; " +
                "both must have the same classes in the same order.");
        }

        var names = given?.ToArray() ?? maskNames ?? predictedNames ?? throw new ArgumentException(
            $"Neither column '{mask.Name}' nor column '{predicted.Name}' has a '{ClassesAnnotation}' annotation; give the names of the tissues as classNames.");
        if (names.Length == 0)
        {
            throw new ArgumentException("The list of class names is empty; at least one tissue class is needed.");
        }

        if (names.GroupBy(name => name, NameForm.Comparer).FirstOrDefault(group => group.Count() > 1) is { } repeated)
        {
            throw new ArgumentException($"The class name '{repeated.Key}' occurs {repeated.Count()} times in {List(names)}; names must differ.");
        }

        return names;

        static string List(string[] names) => $"[{string.Join(", ", names)}]";
    }

    private static string[]? AnnotatedNames(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(ClassesAnnotation) is not { Type: VectorDataViewType { ItemType: TextDataViewType } })
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(ClassesAnnotation, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>The values of a vector that ML.NET may have stored without its zeros.</summary>
    private static ReadOnlySpan<byte> Pixels(in VBuffer<byte> values, ref byte[] buffer)
    {
        if (values.IsDense)
        {
            return values.GetValues();
        }

        if (buffer.Length < values.Length)
        {
            buffer = new byte[values.Length];
        }

        values.CopyTo(buffer);
        return buffer.AsSpan(0, values.Length);
    }

    private static string RowName(DataViewRowCursor cursor, ValueGetter<ReadOnlyMemory<char>>? getName)
    {
        if (getName is null)
        {
            return $"Row {cursor.Position}";
        }

        ReadOnlyMemory<char> name = default;
        getName(ref name);
        return $"Row {cursor.Position} ('{name}')";
    }
}
