using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Mlps.ML.Tests.Interop.Fakes;

/// <summary>Shortcuts for reading a table.</summary>
internal static class TableReading
{
    public static DataViewRowCursor OpenCursor(this IDataView table, params string[] columns) =>
        table.GetRowCursor(columns.Select(name => table.Schema[name]));

    public static ValueGetter<T> Getter<T>(this DataViewRow row, string column) => row.GetGetter<T>(row.Schema[column]);

    public static float[][] ReadVectors(this IDataView table, string column)
    {
        using var cursor = table.OpenCursor(column);
        var getter = cursor.Getter<VBuffer<float>>(column);
        var rows = new List<float[]>();
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add([.. value.DenseValues()]);
        }

        return [.. rows];
    }

    /// <summary>Mean red, green and blue as <see cref="MeanColorTransformer"/> scales them, computed by itself.</summary>
    public static float[] ExpectedMean(MLImage image)
    {
        float[] scale = [1f, 0.5f, 2f];
        var count = image.Width * image.Height;
        var mean = new float[3];
        for (var channel = 0; channel < 3; channel++)
        {
            double sum = 0;
            for (var pixel = 0; pixel < count; pixel++)
            {
                sum += image.Pixels[(pixel * 4) + channel];
            }

            mean[channel] = (float)(sum / count * scale[channel]);
        }

        return mean;
    }

    public static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.Equal(expected[index], actual[index], tolerance: 1e-3f * Math.Max(1, Math.Abs(expected[index])));
        }
    }
}
