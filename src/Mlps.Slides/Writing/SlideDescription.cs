using Mlps.ML;

namespace Mlps.Slides;

/// <summary>What writers must know of a slide and its mask.</summary>
/// <param name="Name">The slide's name, without folder and extension.</param>
/// <param name="Width">Width in pixels of full resolution, within the bounds.</param>
/// <param name="Height">Height, likewise.</param>
/// <param name="MicronsPerPixel">Size of a pixel of full resolution in µm.</param>
/// <param name="MaskMicronsPerPixel">Size of a pixel of the mask in µm.</param>
/// <param name="BoundsX">Left edge of the scanned part in the file's whole picture; 0 where the file names no bounds.</param>
/// <param name="BoundsY">Top edge, likewise.</param>
/// <param name="Classes">Names and colours.</param>
internal sealed record SlideDescription(
    string Name, long Width, long Height, double MicronsPerPixel, double MaskMicronsPerPixel, long BoundsX, long BoundsY, TissueClasses Classes)
{
    private const double SquareMicronsPerSquareMillimetre = 1e6;

    /// <summary>Pixels of full resolution for each pixel of the mask, along one side.</summary>
    public double MaskScale => MaskMicronsPerPixel / MicronsPerPixel;

    /// <summary>Area of so many pixels of the mask in mm².</summary>
    public double SquareMillimetres(long maskPixels) => maskPixels * MaskMicronsPerPixel * MaskMicronsPerPixel / SquareMicronsPerSquareMillimetre;

    /// <summary>Checks that sizes are positive numbers.</summary>
    /// <exception cref="ArgumentException">One is not.</exception>
    public SlideDescription Checked()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Height);
        RequirePositive(MicronsPerPixel, nameof(MicronsPerPixel));
        RequirePositive(MaskMicronsPerPixel, nameof(MaskMicronsPerPixel));
        return this;
    }

    private static void RequirePositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(name, value, "A pixel's size in µm is a positive number.");
        }
    }
}
