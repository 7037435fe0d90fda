namespace Mlps.Torch.Inference;

/// <summary>How much each row and column of a window counts where windows overlap.</summary>
internal enum WindowWeights
{
    /// <summary>All the same.</summary>
    Uniform,

    /// <summary>A raised cosine: the middle counts most, the edges least, so that no seam shows.</summary>
    Hann,
}

/// <summary>Computes weights.</summary>
internal static class WindowWeightsExtensions
{
    /// <summary>The weights along a side of so many pixels, all above 0.</summary>
    public static float[] Along(this WindowWeights weights, int length) => weights is WindowWeights.Uniform
        ? [.. Enumerable.Repeat(1f, length)]
        : [.. Enumerable.Range(0, length).Select(pixel => (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * (pixel + 0.5) / length))))];
}
