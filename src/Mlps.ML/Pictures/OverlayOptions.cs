namespace Mlps.ML;

/// <summary>How an overlay is drawn.</summary>
public sealed record OverlayOptions
{
    /// <summary>How much of the class colour covers the image inside a class: 0 (nothing) to 1 (solid); 0.35 by default.</summary>
    public double Opacity { get; init; } = 0.35;

    /// <summary>Width in picture pixels of the line along each border between classes, on either side of it; 0 for none; 1 by default.</summary>
    public int ContourWidth { get; init; } = 1;

    /// <summary>Factor by which the picture is larger than the image, at least 1; contours keep their width; 2 by default.</summary>
    public int Scale { get; init; } = 2;

    internal void Validate()
    {
        if (Opacity is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Opacity), Opacity, "Expected an opacity from 0 to 1.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(ContourWidth);
        ArgumentOutOfRangeException.ThrowIfLessThan(Scale, 1);
    }
}
