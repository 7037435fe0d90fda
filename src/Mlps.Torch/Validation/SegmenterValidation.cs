using Mlps.Torch.Data;
using Mlps.Torch.Evaluation;
using Mlps.Torch.Inference;
using Mlps.Torch.Ranks;
using Mlps.Torch.Runtime;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Scores a segmenter on images with masks, and finds the prediction options that score best.</summary>
/// <param name="images">Images with a mask each; of several, the last one counts. Belongs to the caller.</param>
/// <param name="gates">The classifier's probabilities [C, h, w] for each image, or null for no gate; belongs to the caller.</param>
/// <param name="ranks">Those with whom the images are shared: each predicts its part, and all count all pixels. Null for none.</param>
internal sealed class SegmenterValidation(PatchStore images, IReadOnlyList<Tensor>? gates, RankGroup? ranks = null)
{
    private const int BatchSize = 8;

    /// <summary>Thresholds that calibration tries; 0 leaves the gate open.</summary>
    private static readonly double[] Thresholds = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5];

    /// <summary>How far below the best mIoU that of a lower threshold may be, so that the lower one is taken.</summary>
    /// <remarks>A closed gate cannot be corrected by the segmenter, and classifiers are surer than they should be of images from elsewhere, so a higher threshold has to pay for itself.</remarks>
    private const double CalibrationMargin = 0.005;

    /// <summary>mIoU (protocol A) of the tissues in the truth for each of several prediction options, with as few network passes as possible.</summary>
    /// <param name="segmenter">The segmenter.</param>
    /// <param name="ways">The options, each with the gate or without it.</param>
    public IReadOnlyList<double> MeanIoU(Segmenter segmenter, IReadOnlyList<(PredictionOptions Options, bool IsGated)> ways)
    {
        var matrices = ways.Select(_ => new PixelConfusionMatrix(segmenter.Network.ClassCount)).ToArray();
        foreach (var (first, count) in StoreBatches.Split(images, BatchSize, ranks))
        {
            foreach (var group in ways.Select((way, index) => (Way: way, Matrix: matrices[index])).GroupBy(pair => (pair.Way.Options.Prediction, pair.Way.Options.Views, pair.Way.Options.Blending)))
            {
                using var state = ComputeScope.ForPrediction();
                var logits = segmenter.PredictLogits(images.Images(first, count), group.Key.Prediction, group.Key.Views, blending: group.Key.Blending);
                var gate = gates is null ? null : stack(gates.Skip(first).Take(count));
                foreach (var (way, matrix) in group)
                {
                    Add(matrix, (gate is null || !way.IsGated ? logits : ClassificationGate.Apply(logits, gate, way.Options.GateThreshold, way.Options.Recipe)).Argmax(1), first);
                }
            }
        }

        foreach (var matrix in matrices)
        {
            ranks?.Sum(matrix.Counts);
        }

        return [.. matrices.Select(matrix => ValidationScore.Compute(matrix))];
    }

    /// <summary>The prediction options that score best, and their mIoU; the first of equals.</summary>
    /// <remarks>Of the thresholds that are as good as the best but for a margin, the lowest is taken.</remarks>
    /// <param name="segmenter">The trained segmenter.</param>
    /// <param name="start">What is kept where nothing is to be chosen.</param>
    /// <param name="predictions">The modes to choose from.</param>
    /// <param name="calibrateGate">Whether the threshold is to be chosen too.</param>
    public (PredictionOptions Best, double MeanIoU) Choose(Segmenter segmenter, PredictionOptions start, IReadOnlyList<PredictionMode> predictions, bool calibrateGate)
    {
        double[] thresholds = calibrateGate && gates is not null ? [.. Thresholds.Append(start.GateThreshold).Distinct().Order()] : [start.GateThreshold];
        PredictionOptions[] ways = [.. from prediction in predictions from threshold in thresholds select start with { Prediction = prediction, GateThreshold = threshold }];
        var scores = MeanIoU(segmenter, [.. ways.Select(way => (way, true))]);
        var best = Enumerable.Range(0, ways.Length).MaxBy(index => scores[index]);
        var chosen = Enumerable.Range(0, ways.Length).First(index => ways[index].Prediction == ways[best].Prediction && scores[index] >= scores[best] - CalibrationMargin);
        return (ways[chosen], scores[chosen]);
    }

    private void Add(PixelConfusionMatrix matrix, Tensor classes, int first)
    {
        using var bytes = classes.to(ScalarType.Byte).cpu().contiguous();
        var predicted = bytes.data<byte>().ToArray();
        var pixels = images.Layout.PixelCount;
        for (var n = 0; n < classes.shape[0]; n++)
        {
            matrix.Add(images.Mask(first + n, images.Layout.MaskCount - 1), predicted.AsSpan(n * pixels, pixels));
        }
    }
}
