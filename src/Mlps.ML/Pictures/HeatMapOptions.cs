namespace Mlps.ML;

/// <summary>How an activation map is drawn.</summary>
public sealed record HeatMapOptions
{
    /// <summary>A line above the picture, such as the class and the layer; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>How much of the heat colour covers the image: 0 (nothing) to 1 (solid); 0.6 by default.</summary>
    public double Opacity { get; init; } = 0.6;

    /// <summary>Value at the low end of the scale; the smallest of the map if null.</summary>
    public float? Minimum { get; init; }

    /// <summary>Value at the high end of the scale; the largest of the map if null.</summary>
    public float? Maximum { get; init; }

    /// <summary>Factor by which the picture shows the image larger, at least 1; 2 by default.</summary>
    public int Scale { get; init; } = 2;

    internal void Validate()
    {
        if (Opacity is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Opacity), Opacity, "Expected an opacity from 0 to 1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Scale, 1);
        if (Minimum is { } minimum && Maximum is { } maximum && !(minimum < maximum))
        {
            throw new ArgumentOutOfRangeException(nameof(Maximum), maximum, $"Expected a maximum above the minimum {minimum}.");
        }
    }
}
