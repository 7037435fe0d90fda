using Mlps.Torch.Evaluation;

namespace Mlps.Torch.Validation;

/// <summary>The score by which epochs and prediction options are chosen.</summary>
internal static class ValidationScore
{
    /// <summary>Mean IoU under protocol A over the tissues that occur in the truth; 0 where none does.</summary>
    /// <remarks>A tissue that the validation set lacks does not count: a few pixels of it would cost a whole class.</remarks>
    public static double Compute(PixelConfusionMatrix matrix)
    {
        var scores = SegmentationScores.Compute(matrix, ScoringProtocol.A);
        var counted = Enumerable.Range(0, matrix.ClassCount).Where(c => Occurs(scores.ConfusionMatrix, c)).ToArray();
        return counted.Length == 0 ? 0 : counted.Average(c => scores.ClassIoU[c]);
    }

    private static bool Occurs(PixelConfusionMatrix matrix, int truth) => Enumerable.Range(0, matrix.ClassCount + 1).Any(predicted => matrix[truth, predicted] > 0);
}
