using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;

namespace Mlps.Cli.Output;

/// <summary>What the pictures and tables need of a row.</summary>
internal sealed record PatchRow(string Name, RgbImage Image, byte[]? Truth, byte[] Prediction, IReadOnlyList<byte[]?> PseudoMasks, float[] ActivationMaps, float[]? Uncertainty)
{
    /// <summary>Reads a table row by row; images are disposed as they are read.</summary>
    /// <param name="table">A table that went through the chain.</param>
    /// <param name="withInsight">Whether to add pseudo masks and activation maps, which cost a pass of the classifier.</param>
    /// <param name="withUncertainty">Whether to add the uncertainty of each pixel.</param>
    public static IEnumerable<PatchRow> Read(IDataView table, bool withInsight, bool withUncertainty = false)
    {
        string[] pseudoNames = withInsight ? [.. table.Schema.Select(column => column.Name).Where(name => name.StartsWith(TissueColumns.PseudoMaskPrefix, StringComparison.Ordinal))] : [];
        string[] wanted = [TissueColumns.Name, TissueColumns.Image, TissueColumns.Mask, TissueColumns.PredictedMask, .. pseudoNames, .. withInsight ? new[] { TissueColumns.ActivationMaps } : [], .. withUncertainty ? new[] { TissueColumns.PixelUncertainty } : []];
        var columns = wanted.Select(table.Schema.GetColumnOrNull).OfType<DataViewSchema.Column>().ToDictionary(column => column.Name);
        using var cursor = table.GetRowCursor(columns.Values);
        var name = cursor.GetGetter<ReadOnlyMemory<char>>(columns[TissueColumns.Name]);
        var image = cursor.GetGetter<MLImage>(columns[TissueColumns.Image]);
        var truth = Vectors<byte>(cursor, columns, TissueColumns.Mask);
        var prediction = Vectors<byte>(cursor, columns, TissueColumns.PredictedMask)!;
        var pseudoMasks = pseudoNames.Select(pseudoName => Vectors<byte>(cursor, columns, pseudoName)).ToArray();
        var maps = Vectors<float>(cursor, columns, TissueColumns.ActivationMaps);
        var uncertainty = Vectors<float>(cursor, columns, TissueColumns.PixelUncertainty);
        while (cursor.MoveNext())
        {
            ReadOnlyMemory<char> text = default;
            name(ref text);
            MLImage? picture = null;
            image(ref picture!);
            RgbImage pixels;
            using (picture)
            {
                pixels = RgbImage.FromMLImage(picture);
            }

            yield return new PatchRow(text.ToString(), pixels, truth?.Invoke(), prediction(), [.. pseudoMasks.Select(mask => mask?.Invoke())], maps?.Invoke() ?? [], uncertainty?.Invoke());
        }
    }

    private static Func<T[]>? Vectors<T>(DataViewRow row, Dictionary<string, DataViewSchema.Column> columns, string name)
    {
        if (!columns.TryGetValue(name, out var column))
        {
            return null;
        }

        var getter = row.GetGetter<VBuffer<T>>(column);
        return () =>
        {
            VBuffer<T> value = default;
            getter(ref value);
            return value.IsDense ? value.GetValues().ToArray() : [.. value.DenseValues()];
        };
    }
}
