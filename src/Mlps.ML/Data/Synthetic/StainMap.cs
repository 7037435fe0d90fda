namespace Mlps.ML.Synthetic;

/// <summary>How much of each stain lies on each pixel of a slide, as optical density.</summary>
internal sealed class StainMap(int size)
{
    /// <summary>Soft rim of a stamped shape, as a share of its radius.</summary>
    private const float Rim = 0.35f;

    public int Size { get; } = size;

    /// <summary>Blue-purple, in nuclei.</summary>
    public float[] Haematoxylin { get; } = new float[size * size];

    /// <summary>Pink, in cytoplasm and fibres.</summary>
    public float[] Eosin { get; } = new float[size * size];

    /// <summary>The red of blood itself.</summary>
    public float[] Haemoglobin { get; } = new float[size * size];

    /// <summary>Lays an ellipse with a soft rim over a stain; where it is thickest it replaces what was there.</summary>
    /// <param name="stain">One of the three stains.</param>
    /// <param name="shape">Where, how large, and which way.</param>
    /// <param name="density">Optical density inside.</param>
    /// <param name="clumps">How the density varies inside.</param>
    /// <param name="grain">How much it varies.</param>
    /// <param name="tissue">Pixels that may be stained: true where the slide is not bare.</param>
    public void Stamp(float[] stain, in Ellipse shape, float density, SmoothNoise clumps, float grain, ReadOnlySpan<bool> tissue)
    {
        var reach = MathF.Max(shape.Along, shape.Across) * (1 + Rim);
        float cos = MathF.Cos(shape.Angle), sin = MathF.Sin(shape.Angle);
        int left = Math.Max(0, (int)(shape.X - reach)), right = Math.Min(Size - 1, (int)(shape.X + reach + 1));
        int top = Math.Max(0, (int)(shape.Y - reach)), bottom = Math.Min(Size - 1, (int)(shape.Y + reach + 1));
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                float dx = column - shape.X, dy = row - shape.Y;
                float u = ((dx * cos) + (dy * sin)) / shape.Along, v = ((dy * cos) - (dx * sin)) / shape.Across;
                var cover = Math.Clamp((1 + Rim - MathF.Sqrt((u * u) + (v * v))) / (2 * Rim), 0, 1);
                var pixel = (row * Size) + column;
                if (cover > 0 && tissue[pixel])
                {
                    var inside = density + (grain * (clumps.Value(column, row) - 0.5f));
                    stain[pixel] += (inside - stain[pixel]) * cover;
                }
            }
        }
    }
}
