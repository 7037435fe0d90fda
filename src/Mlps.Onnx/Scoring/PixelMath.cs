namespace Mlps.Onnx.Scoring;

/// <summary>From the logits of a pixel to its tissue, probabilities and entropy.</summary>
internal static class PixelMath
{
    /// <summary>The smallest normal number, as in the library's own entropy: its logarithm is finite.</summary>
    private const float Smallest = 1.2e-38f;

    /// <summary>The greatest logit's place; the first of equals.</summary>
    public static int Best(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var tissue = 1; tissue < logits.Length; tissue++)
        {
            best = logits[tissue] > logits[best] ? tissue : best;
        }

        return best;
    }

    /// <summary>Turns logits into probabilities, in place.</summary>
    public static void Softmax(Span<float> logits)
    {
        var highest = logits[Best(logits)];
        var sum = 0f;
        foreach (ref var value in logits)
        {
            value = MathF.Exp(value - highest);
            sum += value;
        }

        foreach (ref var value in logits)
        {
            value /= sum;
        }
    }

    /// <summary>−Σ p ln p / ln C, from 0 to 1; 0 for a single class.</summary>
    public static float Entropy(ReadOnlySpan<float> probabilities)
    {
        if (probabilities.Length == 1)
        {
            return 0;
        }

        var sum = 0f;
        foreach (var probability in probabilities)
        {
            sum += probability * MathF.Log(MathF.Max(probability, Smallest));
        }

        return Math.Clamp(sum / -MathF.Log(probabilities.Length), 0, 1);
    }

    /// <summary>√(Σ var p / (1 − 1/C)), from 0 to 1, from the means of p and, behind them, of Σ p².</summary>
    public static float Spread(ReadOnlySpan<float> means)
    {
        var classes = means.Length - 1;
        var squares = 0f;
        foreach (var mean in means[..classes])
        {
            squares += mean * mean;
        }

        return MathF.Sqrt(Math.Clamp((means[classes] - squares) / MathF.Max(1 - (1f / classes), 0.5f), 0, 1));
    }
}
