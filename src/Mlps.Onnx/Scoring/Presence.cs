using Mlps.Torch.Inference;

namespace Mlps.Onnx.Scoring;

/// <summary>The classifier's probabilities [C, h, w]: of cells of 8x8 pixels, or of the whole image where h = w = 1.</summary>
/// <param name="Values">[C, h, w], in [0, 1].</param>
/// <param name="Rows">h.</param>
/// <param name="Columns">w.</param>
internal sealed record Presence(float[] Values, int Rows, int Columns)
{
    /// <summary>The probabilities of the whole image, from one look at it.</summary>
    public static Presence OfImage(GraphSession classifier, RgbPlanes image, IReadOnlyList<double> thresholds) =>
        OfWindows(classifier, image, WindowPlan.Over(image.Height, image.Width, (image.Height, image.Width)), thresholds, 1, 1);

    /// <summary>For each cell, the mean over the windows that hold its centre.</summary>
    public static Presence OfCells(GraphSession classifier, RgbPlanes image, (int Height, int Width) window, bool overlap, IReadOnlyList<double> thresholds) => OfWindows(
        classifier, image, WindowPlan.Over(image.Height, image.Width, window, overlap), thresholds, CellGrid.Count(image.Height), CellGrid.Count(image.Width));

    private static Presence OfWindows(GraphSession classifier, RgbPlanes image, WindowPlan plan, IReadOnlyList<double> thresholds, int rows, int columns)
    {
        var (sums, counts) = (new float[thresholds.Count * rows * columns], new float[rows * columns]);
        foreach (var call in WindowCall.Of(plan, images: 1))
        {
            classifier.Run(image, call, (index, logits) => Add(call.Windows[index].Window, logits));
        }

        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] = Scaled(sums[i] / counts[i % counts.Length], (float)thresholds[i / counts.Length]);
        }

        return new(sums, rows, columns);

        void Add(ImageWindow window, ReadOnlySpan<float> logits)
        {
            var (firstRow, rowCount) = rows == 1 ? (0, 1) : CellGrid.CentredIn(window.Top, window.Height, plan.Height);
            var (firstColumn, columnCount) = columns == 1 ? (0, 1) : CellGrid.CentredIn(window.Left, window.Width, plan.Width);
            for (var row = firstRow; row < firstRow + rowCount; row++)
            {
                for (var column = firstColumn; column < firstColumn + columnCount; column++)
                {
                    var cell = (row * columns) + column;
                    counts[cell]++;
                    for (var tissue = 0; tissue < logits.Length; tissue++)
                    {
                        sums[(tissue * counts.Length) + cell] += 1 / (1 + MathF.Exp(-logits[tissue]));
                    }
                }
            }
        }
    }

    /// <summary>A probability scaled so that the threshold becomes 0.5.</summary>
    private static float Scaled(float probability, float threshold)
    {
        if (threshold == 0.5f)
        {
            return probability;
        }

        var (passing, failing) = (probability * (1 - threshold), (1 - probability) * threshold);
        return passing / (passing + failing);
    }
}
