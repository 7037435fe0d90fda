namespace Mlps.Slides;

/// <summary>The size of pixels in TIFF's tags of resolution.</summary>
internal static class TiffResolution
{
    private const double MicronsPerInch = 25_400, MicronsPerCentimetre = 10_000;

    /// <summary>Dots an inch that programs write when they know nothing.</summary>
    private static readonly double[] _placeholders = [1, 72, 96, 100, 150, 200, 300, 400, 600];

    /// <summary>Parts of a number that are rounding.</summary>
    private const double Rounding = 0.01;

    /// <summary>Micrometres a pixel; null where the tags have no unit or say nothing of the slide.</summary>
    /// <param name="x">Pixels along a unit.</param>
    /// <param name="y">Pixels down a unit.</param>
    /// <param name="unit"><c>inch</c> or <c>centimeter</c>.</param>
    public static (double X, double Y)? MicronsPerPixel(double x, double y, string? unit)
    {
        var microns = unit switch
        {
            "inch" => MicronsPerInch,
            "centimeter" => MicronsPerCentimetre,
            _ => 0,
        };
        return microns == 0 || !(x > 0) || !(y > 0) || IsPlaceholder(x, microns) ? null : (microns / x, microns / y);
    }

    private static bool IsPlaceholder(double resolution, double microns)
    {
        var dotsPerInch = resolution * MicronsPerInch / microns;
        return resolution is 1 or 10 || Array.Exists(_placeholders, placeholder => Math.Abs(dotsPerInch - placeholder) <= Rounding * placeholder);
    }
}
