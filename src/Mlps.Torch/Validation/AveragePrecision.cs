namespace Mlps.Torch.Validation;

/// <summary>Mean average precision of probabilities against label sets.</summary>
internal static class AveragePrecision
{
    /// <summary>The mean over the classes that occur of the area under the precision-recall steps, in [0, 1]; 0 where no class occurs.</summary>
    /// <param name="scores">One row a patch, one value a class; higher is likelier.</param>
    /// <param name="labels">As many rows; not 0 where the class occurs.</param>
    public static double Mean(IReadOnlyList<float[]> scores, IReadOnlyList<byte[]> labels)
    {
        var classes = scores.Count == 0 ? [] : Enumerable.Range(0, scores[0].Length)
            .Select(c => Compute([.. scores.Select(row => row[c])], [.. labels.Select(row => row[c] != 0)]))
            .Where(value => !double.IsNaN(value))
            .ToArray();
        return classes.Length == 0 ? 0 : classes.Average();
    }

    /// <summary>Σ (recall step) · (precision there), patches of equal score taken together; not a number where no label is true.</summary>
    public static double Compute(float[] scores, bool[] labels)
    {
        int seen = 0, right = 0;
        var sum = 0.0;
        var groups = scores.Zip(labels).GroupBy(pair => pair.First, pair => pair.Second).OrderByDescending(group => group.Key);
        foreach (var group in groups)
        {
            var hits = group.Count(label => label);
            seen += group.Count();
            right += hits;
            sum += hits * (right / (double)seen);
        }

        return right == 0 ? double.NaN : sum / right;
    }
}
