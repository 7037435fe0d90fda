using System.Globalization;
using Mlps.ML.Interop;

namespace Mlps.ML;

/// <summary>What a saved stain normalization is.</summary>
internal sealed record StainNormalizationModel : ISavedOptions
{
    public required string InputColumnName { get; init; }

    public required string OutputColumnName { get; init; }

    public required StainMethod Method { get; init; }

    public required int SampledPixels { get; init; }

    public required int Seed { get; init; }

    public required double OpticalDensityThreshold { get; init; }

    public required double AnglePercentile { get; init; }

    public required double ConcentrationPercentile { get; init; }

    /// <summary>The reference of <see cref="StainMethod.Macenko"/>.</summary>
    public MacenkoStains? Macenko { get; init; }

    /// <summary>The reference of <see cref="StainMethod.Reinhard"/>.</summary>
    public ReinhardColors? Reinhard { get; init; }

    /// <inheritdoc/>
    public void Check()
    {
        new StainNormalizationOptions
        {
            InputColumnName = InputColumnName,
            OutputColumnName = OutputColumnName,
            Method = Method,
            SampledPixels = SampledPixels,
            Seed = Seed,
            OpticalDensityThreshold = OpticalDensityThreshold,
            AnglePercentile = AnglePercentile,
            ConcentrationPercentile = ConcentrationPercentile,
        }.Check();
        Macenko?.Check();
        Reinhard?.Check();
    }

    /// <summary>Computes the reference.</summary>
    /// <param name="options">Options.</param>
    /// <param name="seed">Fixes which pixels are drawn.</param>
    /// <param name="sample">Tissue of the reference.</param>
    /// <param name="source">What the reference is, for messages.</param>
    /// <exception cref="TissueDataException">The reference shows too little tissue, or one stain only.</exception>
    public static StainNormalizationModel From(StainNormalizationOptions options, int seed, TissueSample sample, string source)
    {
        if (!sample.IsEnough)
        {
            var found = sample.Count < TissueRule.LeastPixels
                ? string.Create(CultureInfo.InvariantCulture, $"{sample.Count} pixels are tissue (optical density {options.OpticalDensityThreshold} or more), and {TissueRule.LeastPixels} are needed")
                : "all tissue has one colour";
            throw new TissueDataException($"No stains can be computed from {source}: {found}. Give a reference that shows tissue.");
        }

        var model = new StainNormalizationModel
        {
            InputColumnName = options.InputColumnName,
            OutputColumnName = options.OutputColumnName,
            Method = options.Method,
            SampledPixels = options.SampledPixels,
            Seed = seed,
            OpticalDensityThreshold = options.OpticalDensityThreshold,
            AnglePercentile = options.AnglePercentile,
            ConcentrationPercentile = options.ConcentrationPercentile,
        };
        return options.Method is StainMethod.Reinhard
            ? model with { Reinhard = ReinhardColors.Estimate(sample.Pixels) }
            : model with
            {
                Macenko = MacenkoStains.Estimate(sample.Pixels, options.AnglePercentile, options.ConcentrationPercentile, reference: null)
                    ?? throw new TissueDataException($"Two stains cannot be told apart in {source}: their directions are less than {MacenkoStains.LeastDegrees} degrees apart. Give a reference that shows both, or use StainMethod.Reinhard."),
            };
    }

    /// <summary>What changes images.</summary>
    /// <exception cref="FormatException">The model has no reference for its method.</exception>
    public StainNormalizer CreateNormalizer()
    {
        var rule = new TissueRule(OpticalDensityThreshold);
        return (Method, Macenko, Reinhard) switch
        {
            (StainMethod.Macenko, { } stains, _) => new MacenkoNormalizer(rule, OpticalDensityThreshold, stains, (AnglePercentile, ConcentrationPercentile), SampledPixels, Seed),
            (StainMethod.Reinhard, _, { Means.Count: 3, Deviations.Count: 3 } colors) => new ReinhardNormalizer(rule, colors, SampledPixels, Seed),
            _ => throw new FormatException($"The model is damaged: it has no reference for {Method}."),
        };
    }
}
