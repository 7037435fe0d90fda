using Mlps.Torch.Evaluation;

namespace Mlps.Torch.Validation;

/// <summary>What epochs and ways of prediction are chosen by.</summary>
internal static class ValidationScore
{
    /// <summary>
    /// Mean IoU under protocol A over the tissues that occur in the truth; 0 where none does. A tissue that the validation set happens to lack must not count: a few
    /// pixels of it would cost a whole class, and the choice would fall on networks that never predict it.
    /// </summary>
    public static double Compute(PixelConfusionMatrix matrix)
    {
        var scores = SegmentationScores.Compute(matrix, ScoringProtocol.A);
        var counted = Enumerable.Range(0, matrix.ClassCount).Where(c => Occurs(scores.ConfusionMatrix, c)).ToArray();
        return counted.Length == 0 ? 0 : counted.Average(c => scores.ClassIoU[c]);
    }

    private static bool Occurs(PixelConfusionMatrix matrix, int truth) => Enumerable.Range(0, matrix.ClassCount + 1).Any(predicted => matrix[truth, predicted] > 0);
}
