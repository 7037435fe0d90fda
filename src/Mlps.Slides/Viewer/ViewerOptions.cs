namespace Mlps.Slides;

/// <summary>How the page for looking at a slide is made.</summary>
internal sealed record ViewerOptions
{
    /// <summary>Size of the smallest pixels that the page shows, in µm.</summary>
    /// <remarks>Half of it needs four times the disk.</remarks>
    public double MicronsPerPixel { get; init; } = 1;

    /// <summary>Quality of the slide's JPEG tiles, 1..100.</summary>
    public int Quality { get; init; } = 80;

    /// <summary>How much of the mask is seen when the page opens, 0..1.</summary>
    public double Opacity { get; init; } = 0.5;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public ViewerOptions Checked()
    {
        if (!(MicronsPerPixel > 0 && double.IsFinite(MicronsPerPixel)))
        {
            throw new ArgumentOutOfRangeException(nameof(MicronsPerPixel), MicronsPerPixel, "A pixel's size in µm is a positive number.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Quality, 100);
        if (!(Opacity is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Opacity), Opacity, "An opacity is 0 to 1.");
        }

        return this;
    }
}
