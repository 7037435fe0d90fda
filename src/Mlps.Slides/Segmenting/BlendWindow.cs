namespace Mlps.Slides;

/// <summary>How much each pixel of a tile counts where tiles overlap: Hann's window, in both directions.</summary>
/// <remarks>With an overlap of half a tile the weights of all tiles sum to 1 at every pixel but near the slide's border. No weight is 0, so a tile alone counts whole.</remarks>
internal static class BlendWindow
{
    /// <summary>The weights along one side: sin²(π(i + ½)/size).</summary>
    public static float[] Hann(int size)
    {
        var weights = new float[size];
        for (var i = 0; i < size; i++)
        {
            weights[i] = (float)Math.Pow(Math.Sin(Math.PI * (i + 0.5) / size), 2);
        }

        return weights;
    }
}
