using Mlps.Torch.Evaluation;

namespace Mlps.ML;

/// <summary>
/// The scores of a segmentation under one protocol, by class name.
/// </summary>
/// <remarks>
/// Values lie in [0, 1]; <see cref="double.NaN"/> means that there was nothing to compute a value from, such as the IoU of a class
/// that occurs neither in the truth nor in the prediction.
/// </remarks>
public sealed class ProtocolMetrics
{
    internal ProtocolMetrics(IReadOnlyList<string> classNames, SegmentationScores scores)
    {
        Protocol = scores.Protocol;
        MeanIoU = scores.MeanIoU;
        FrequencyWeightedIoU = scores.FrequencyWeightedIoU;
        PixelAccuracy = scores.PixelAccuracy;
        MeanClassAccuracy = scores.MeanClassAccuracy;
        ConfusionMatrix = scores.ConfusionMatrix;

        var classIoU = new OrderedDictionary<string, double>(classNames.Count);
        for (var c = 0; c < classNames.Count; c++)
        {
            classIoU.Add(classNames[c], scores.ClassIoU[c]);
        }

        ClassIoU = classIoU;
    }

    /// <summary>How pixels whose truth is background were counted.</summary>
    public ScoringProtocol Protocol { get; }

    /// <summary>Mean IoU over the tissue classes that occur in the truth or in the prediction.</summary>
    public double MeanIoU { get; }

    /// <summary>IoU of each class weighted by its share of the true pixels; under protocol B background is one of the classes.</summary>
    public double FrequencyWeightedIoU { get; }

    /// <summary>Share of the counted pixels that are right.</summary>
    public double PixelAccuracy { get; }

    /// <summary>Mean share of right pixels, over the tissue classes that occur in the truth.</summary>
    public double MeanClassAccuracy { get; }

    /// <summary>Intersection over union of each tissue class, by name, in the order of the classes.</summary>
    public IReadOnlyDictionary<string, double> ClassIoU { get; }

    /// <summary>Pixel counts by true and predicted class; under protocol A the row of true background is empty.</summary>
    public PixelConfusionMatrix ConfusionMatrix { get; }
}
