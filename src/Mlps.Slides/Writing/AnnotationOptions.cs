namespace Mlps.Slides;

/// <summary>How polygons are made of a mask.</summary>
internal sealed record AnnotationOptions
{
    /// <summary>How far a border may be straightened from the middles of the edges that it follows, 0..0.45 pixels of the mask.</summary>
    /// <remarks>Corners of pixels are cut, so borders stay within 0.75 px of the edges themselves. No pixel's middle changes sides, whatever the tolerance.</remarks>
    public double Tolerance { get; init; } = Outline.MaximumTolerance;

    /// <summary>Smaller regions are left out, in µm²; 0 keeps all.</summary>
    /// <remarks>They stay holes of the regions around them.</remarks>
    public double MinimumArea { get; init; } = 100;

    /// <summary>Whether coordinates count from the file's top left corner and not from that of its bounds: for programs that do not crop slides to their bounds.</summary>
    /// <remarks>QuPath does.</remarks>
    public bool NoCrop { get; init; }

    /// <summary>Whether background is written too.</summary>
    public bool IncludeBackground { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public AnnotationOptions Checked()
    {
        if (!(Tolerance >= 0 && Tolerance <= Outline.MaximumTolerance))
        {
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, $"The tolerance of polygons is 0 to {Outline.MaximumTolerance} pixels of the mask.");
        }

        if (!(MinimumArea >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(MinimumArea), MinimumArea, "The smallest area of a polygon is 0 µm² or more.");
        }

        return this;
    }
}
