using Microsoft.ML;
using Microsoft.ML.Data;
using Mlps.ML;
using Mlps.ML.Stages;
using Mlps.Onnx.Model;
using Mlps.Torch.Weights.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlps.Onnx.Export.Quantization;

/// <summary>Measures between which numbers the values of a graph lie, on images of a table.</summary>
internal static class Calibration
{
    /// <summary>More images change the ranges little.</summary>
    private const int MostImages = 64;

    /// <summary>The ranges of some values.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">The values' names.</param>
    /// <param name="table">A table with the column <c>Image</c>; up to 64 images are used, spread evenly over its rows.</param>
    /// <param name="largest">Of larger images, the middle of this height and width is used.</param>
    /// <exception cref="TissueDataException">The table has no image.</exception>
    /// <exception cref="InvalidOperationException">A value is not finite.</exception>
    public static Dictionary<string, ValueRange> Measure(GraphProto graph, IReadOnlySet<string> values, IDataView table, (int Height, int Width) largest)
    {
        var ranges = new Dictionary<string, ValueRange>();
        using var runner = new GraphRunner(graph, values);
        foreach (var image in Images(table, largest))
        {
            using (image)
            {
                See(OnnxProperties.Image, image);
                runner.Run(image, See);
            }
        }

        return ranges.Count > 0 ? ranges : throw new TissueDataException("There is no image to calibrate with; give patches of the kind that the model was trained on.");

        void See(string name, Tensor value)
        {
            if (values.Contains(name))
            {
                var (lowest, highest) = (value.min().ToSingle(), value.max().ToSingle());
                if (!float.IsFinite(lowest) || !float.IsFinite(highest))
                {
                    throw new InvalidOperationException($"The model's value '{name}' is not finite on a calibration image, so that it has no range; the model is damaged.");
                }

                ranges[name] = ranges.GetValueOrDefault(name).Including(lowest, highest);
            }
        }
    }

    /// <summary>Images [1, 3, H, W] of floats from 0 to 255, which the caller disposes.</summary>
    private static IEnumerable<Tensor> Images(IDataView table, (int Height, int Width) largest)
    {
        var column = table.Schema[TissueColumns.Image];
        var count = Count(table);
        using var cursor = table.GetRowCursor([column]);
        using var buffer = new ImageBuffer(capacity: 1);
        buffer.Attach(cursor, column);
        var used = 0;
        for (var row = 0L; cursor.MoveNext() && used < MostImages; row++)
        {
            // The rows at i·count/most.
            if (count > MostImages && row < used * count / MostImages)
            {
                continue;
            }

            used++;
            buffer.Read(0);
            if (buffer.Slots[0] is { } image)
            {
                yield return Middle(image, largest);
            }
        }
    }

    private static long Count(IDataView table)
    {
        if (table.GetRowCount() is { } known)
        {
            return known;
        }

        using var cursor = table.GetRowCursor([]);
        var count = 0L;
        while (cursor.MoveNext())
        {
            count++;
        }

        return count;
    }

    private static Tensor Middle(MLImage image, (int Height, int Width) largest)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (Math.Min(image.Height, largest.Height), Math.Min(image.Width, largest.Width));
        var pixels = tensor(ImagePixels.ToRgb(image), [1, 3, image.Height, image.Width], ScalarType.Byte, CPU);
        return pixels.narrow(2, (image.Height - height) / 2, height).narrow(3, (image.Width - width) / 2, width).to(ScalarType.Float32).contiguous().DetachFromDisposeScope();
    }
}
