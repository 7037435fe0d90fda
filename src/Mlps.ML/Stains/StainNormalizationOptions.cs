using Microsoft.ML.Data;
using Mlps.ML.Stages;
using Mlps.Torch;

namespace Mlps.ML;

/// <summary>Options of <see cref="StainNormalizationEstimator"/>, which gives images the stains of a reference.</summary>
public sealed record StainNormalizationOptions
{
    /// <summary>Input: images.</summary>
    public string InputColumnName { get; init; } = TissueColumns.Image;

    /// <summary>Output: images of the same sizes.</summary>
    /// <remarks>With the input's name it takes the input's place.</remarks>
    public string OutputColumnName { get; init; } = TissueColumns.Image;

    /// <summary>How stains are found and replaced.</summary>
    public StainMethod Method { get; init; }

    /// <summary>An image file whose stains are the reference; null for the stains of the table's images.</summary>
    public string? ReferencePath { get; init; }

    /// <summary>An image whose stains are the reference, which stays the caller's; null for the stains of the table's images.</summary>
    public MLImage? ReferenceImage { get; init; }

    /// <summary>Pixels of tissue that stains are computed from, drawn from the reference and from each image; all where there are fewer.</summary>
    /// <remarks>At least 1000.</remarks>
    public int SampledPixels { get; init; } = 100_000;

    /// <summary>Fixes which pixels are drawn; null for the seed of the <c>MLContext</c>.</summary>
    public int? Seed { get; init; }

    /// <summary>Pixels whose optical density is lower are glass: the length of (−log10 of red, green and blue, each from 0 to 1).</summary>
    /// <remarks>Above 0.</remarks>
    public double OpticalDensityThreshold { get; init; } = 0.15;

    /// <summary>Macenko: so many percent of the tissue lie beyond each of the two stains' directions; in [0, 50).</summary>
    public double AnglePercentile { get; init; } = 1;

    /// <summary>Macenko: the percentile of a stain's amounts that is taken as its largest; in (50, 100].</summary>
    public double ConcentrationPercentile { get; init; } = 99;

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.ColumnNames(InputColumnName);
        OptionChecks.ColumnNames(OutputColumnName);
        Guard.Defined(Method);
        Guard.AtLeast(SampledPixels, 1000);
        Guard.Positive(OpticalDensityThreshold);
        Guard.InRange(AnglePercentile, 0, 50, highestAllowed: false);
        Guard.InRange(ConcentrationPercentile, 50, 100, lowestAllowed: false);
        if (ReferencePath is not null && ReferenceImage is not null)
        {
            throw new ArgumentException($"There is a ReferencePath, '{ReferencePath}', and a ReferenceImage; give one of them.");
        }
    }
}
