namespace Mlps.Torch.Evaluation;

/// <summary>
/// The scores of a segmentation under one protocol, from one confusion matrix over the whole set of patches.
/// </summary>
/// <remarks>
/// All values lie in [0, 1]. A value that has nothing to be computed from is <see cref="double.NaN"/>: the IoU of a class that
/// occurs neither in the truth nor in the prediction, and everything when no pixel was counted.
/// </remarks>
public sealed record SegmentationScores
{
    private SegmentationScores(ScoringProtocol protocol, PixelConfusionMatrix matrix)
    {
        Protocol = protocol;
        ConfusionMatrix = matrix;

        var background = matrix.BackgroundIndex;
        var iou = new double[matrix.ClassCount];
        var recall = new double[matrix.ClassCount];
        double correct = 0, weighted = 0, total = matrix.Total;
        for (var c = 0; c <= background; c++)
        {
            long hits = matrix[c, c], truth = 0, predicted = 0;
            for (var other = 0; other <= background; other++)
            {
                truth += matrix[c, other];
                predicted += matrix[other, c];
            }

            var classIou = (double)hits / (truth + predicted - hits);
            correct += hits;
            if (truth > 0)
            {
                weighted += truth * classIou;
            }

            if (c < background)
            {
                iou[c] = classIou;
                recall[c] = (double)hits / truth;
            }
        }

        ClassIoU = iou;
        MeanIoU = MeanOfDefined(iou);
        MeanClassAccuracy = MeanOfDefined(recall);
        PixelAccuracy = correct / total;
        FrequencyWeightedIoU = weighted / total;
    }

    /// <summary>How pixels whose truth is background were counted.</summary>
    public ScoringProtocol Protocol { get; }

    /// <summary>The counts that the scores were computed from: under protocol A, its row of true background is empty.</summary>
    public PixelConfusionMatrix ConfusionMatrix { get; }

    /// <summary>Intersection over union TP / (TP + FP + FN) of each tissue class, C values.</summary>
    public IReadOnlyList<double> ClassIoU { get; }

    /// <summary>Mean of <see cref="ClassIoU"/> over the tissue classes that occur in the truth or in the prediction.</summary>
    public double MeanIoU { get; }

    /// <summary>Σ fᵢ·IoUᵢ, where fᵢ is the share of pixels whose truth is i.</summary>
    /// <remarks>Under protocol B background is one of the i.</remarks>
    public double FrequencyWeightedIoU { get; }

    /// <summary>Share of the counted pixels that are right; under protocol B, background pixels are counted too.</summary>
    public double PixelAccuracy { get; }

    /// <summary>Mean share of right pixels, over the tissue classes that occur in the truth.</summary>
    public double MeanClassAccuracy { get; }

    /// <summary>Computes the scores of a protocol.</summary>
    /// <param name="matrix">All counts, pixels of true background included; it is copied.</param>
    /// <param name="protocol">How pixels of true background are counted.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="protocol"/> is not a member of the enumeration.</exception>
    public static SegmentationScores Compute(PixelConfusionMatrix matrix, ScoringProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return new SegmentationScores(protocol, matrix.Under(protocol));
    }

    private static double MeanOfDefined(double[] values)
    {
        double sum = 0;
        var defined = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
            {
                sum += value;
                defined++;
            }
        }

        return sum / defined;
    }
}
