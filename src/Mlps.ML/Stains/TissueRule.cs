namespace Mlps.ML;

/// <summary>Optical densities of intensities, and which pixels are tissue.</summary>
/// <remarks>
/// The density of an intensity I from 0 to 255 is −ln((I + 1) / 256): 0 for white, and finite for black. A pixel is tissue if the length of its three densities, in decadic units, is at least a threshold (Macenko et al. 2009, β), and light
/// passes through it at all.
/// </remarks>
/// <param name="threshold">The least density of tissue, decadic.</param>
internal sealed class TissueRule(double threshold)
{
    /// <summary>Pixels whose three intensities are all below this are opaque, such as ink, and tell nothing of stains.</summary>
    public const int Opaque = 16;

    /// <summary>Tissue of fewer pixels does not tell stains apart from dust.</summary>
    public const int LeastPixels = 50;

    private static readonly float[] _densities = [.. Enumerable.Range(0, 256).Select(intensity => (float)DensityOf(intensity))];
    private static readonly float[] _decadicSquares = [.. Enumerable.Range(0, 256).Select(intensity => (float)Math.Pow(DensityOf(intensity) / Math.Log(10), 2))];

    private readonly float _square = (float)(threshold * threshold);

    /// <summary>Natural optical density of each intensity from 0 to 255.</summary>
    public static ReadOnlySpan<float> Densities => _densities;

    /// <summary>Natural optical density of an intensity from 0 to 255.</summary>
    public static double DensityOf(int intensity) => -Math.Log((intensity + 1) / 256.0);

    /// <summary>Whether no light passes.</summary>
    public static bool IsOpaque(byte red, byte green, byte blue) => (red | green | blue) < Opaque;

    /// <summary>Whether a pixel is tissue.</summary>
    public bool IsTissue(byte red, byte green, byte blue) => SquareOf(red, green, blue) >= _square && !IsOpaque(red, green, blue);

    /// <summary>From 0 for white to 1 for tissue, rising with the density.</summary>
    public float ShareOf(byte red, byte green, byte blue)
    {
        var square = SquareOf(red, green, blue);
        return square >= _square ? 1 : MathF.Sqrt(square / _square);
    }

    private static float SquareOf(byte red, byte green, byte blue) => _decadicSquares[red] + _decadicSquares[green] + _decadicSquares[blue];
}
