using Mlps.Torch.Data;
using Mlps.Torch.Inference;
using Mlps.Torch.Ranks;
using static TorchSharp.torch;

namespace Mlps.Torch.Validation;

/// <summary>Chooses for each class the probability from which it counts as occurring, by the labels of a validation set.</summary>
/// <remarks>
/// By F1 of the labels: the thresholds belong to the classifier, which is ready before there is a segmenter whose masks a gate could improve, and pseudo masks without labels use them too. The gate's own
/// threshold is chosen by the IoU of masks, on top of these.
/// </remarks>
internal static class PresenceThresholdChoice
{
    private const int BatchSize = 32;

    /// <summary>Thresholds that are tried, in hundredths.</summary>
    private const int Lowest = 10;
    private const int Highest = 90;

    /// <summary>What another threshold than 0.5 must gain in F1, so that chance in a small validation set does not move it.</summary>
    private const double Margin = 0.005;

    /// <summary>The threshold of each class, in [0.1, 0.9].</summary>
    /// <param name="classifier">The trained classifier.</param>
    /// <param name="windows">Labelled patches of the training patches' size; belongs to the caller.</param>
    /// <param name="ranks">Those with whom the patches are shared; null for none.</param>
    public static double[] Choose(PatchClassifier classifier, PatchStore windows, RankGroup? ranks = null)
    {
        var predicted = new float[windows.Count * windows.Layout.ClassCount];
        foreach (var (first, count) in StoreBatches.Split(windows, BatchSize, ranks))
        {
            using var scope = NewDisposeScope();
            var batch = classifier.PredictProbabilities(windows.Images(first, count));
            batch.contiguous().data<float>().CopyTo(predicted.AsSpan(first * windows.Layout.ClassCount));
        }

        ranks?.Sum(predicted.AsSpan());
        float[][] probabilities = [.. predicted.Chunk(windows.Layout.ClassCount)];
        return [.. Enumerable.Range(0, windows.Layout.ClassCount).Select(c =>
            Choose([.. probabilities.Select(row => row[c])], [.. Enumerable.Range(0, windows.Count).Select(i => windows.Label(i)[c] != 0)]))];
    }

    /// <summary>The threshold with the highest F1, the middle one of equals; 0.5 where that is as good, or where the class occurs in no patch or in all.</summary>
    /// <param name="probabilities">One for each patch.</param>
    /// <param name="present">Whether the class occurs in it.</param>
    public static double Choose(float[] probabilities, bool[] present)
    {
        if (!present.Contains(true) || !present.Contains(false))
        {
            return PresenceScaling.Unscaled;
        }

        var tried = Enumerable.Range(Lowest, Highest - Lowest + 1).Select(hundredths => hundredths / 100.0).Select(threshold => (Threshold: threshold, Score: F1(probabilities, present, threshold))).ToArray();
        var best = tried.Max(way => way.Score);
        if (best - F1(probabilities, present, PresenceScaling.Unscaled) < Margin)
        {
            return PresenceScaling.Unscaled;
        }

        var equals = tried.Where(way => way.Score == best).ToArray();
        return equals[equals.Length / 2].Threshold;
    }

    /// <summary>2·TP/(2·TP + FP + FN), where a class is predicted above the threshold.</summary>
    private static double F1(float[] probabilities, bool[] present, double threshold)
    {
        int right = 0, wrong = 0;
        for (var i = 0; i < present.Length; i++)
        {
            var predicted = probabilities[i] > threshold;
            right += predicted && present[i] ? 1 : 0;
            wrong += predicted != present[i] ? 1 : 0;
        }

        return 2.0 * right / ((2 * right) + wrong);
    }
}
