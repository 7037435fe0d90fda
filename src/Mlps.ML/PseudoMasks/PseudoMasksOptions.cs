using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;

namespace Mlps.ML;

/// <summary>Options of <see cref="PseudoMaskEstimator"/>, which turns activation maps and patch labels into masks.</summary>
public sealed record PseudoMasksOptions
{
    /// <summary>Input: the images, for their size and their background.</summary>
    public string ImageColumnName { get; init; } = TissueColumns.Image;

    /// <summary>Input: Vector of Boolean [C], the tissues that may be chosen.</summary>
    /// <remarks>In tables without it, the classifier chooses: the tissues with a probability above 0.5 in any window of the training size (or in the whole image), and at least the most likely one.</remarks>
    public string LabelColumnName { get; init; } = TissueColumns.Label;

    /// <summary>Input: Vector of Single [C, h, w], used where there are no labels.</summary>
    public string GateProbabilityColumnName { get; init; } = TissueColumns.GateProbability;

    /// <summary>Input: Vector of Single [C], used where there are neither labels nor probabilities of windows.</summary>
    public string ProbabilityColumnName { get; init; } = TissueColumns.Probability;

    /// <summary>Input: Vector of Single [L, C, h, w].</summary>
    public string ActivationMapsColumnName { get; init; } = TissueColumns.ActivationMaps;

    /// <summary>Outputs: this and the name of each layer, as in <c>PseudoMask.bn7</c>.</summary>
    public string OutputColumnPrefix { get; init; } = TissueColumns.PseudoMaskPrefix;

    /// <summary>The layers of the activation maps, in the order of the column's first dimension.</summary>
    public IReadOnlyList<ActivationLayer> Layers { get; init; } = ActivationLayers.Default;

    /// <summary>What counts as white background, in datasets that have one.</summary>
    public BackgroundOptions Background { get; init; } = new();

    /// <summary>Whether to follow the published code, including its known bugs, or this library's corrected version.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>How the maps of a patch's tissues are made comparable; null for the recipe's own: together over the tissues that occur, or for <see cref="Recipe.Reference"/> over all.</summary>
    /// <remarks>Patches with one tissue get it everywhere but on background, whatever the scaling; not so in the reference recipe, where a tissue that does not occur can win a tie.</remarks>
    public MapScaling? Scaling { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.ColumnNames(ImageColumnName, LabelColumnName, GateProbabilityColumnName, ProbabilityColumnName, ActivationMapsColumnName, OutputColumnPrefix);
        Background.Check();
        OptionChecks.Layers(Layers);
        Guard.Defined(Recipe);
        Scaling.CheckFor(Recipe, nameof(Scaling));
    }

    /// <summary>The output columns' names, in the order of the layers.</summary>
    internal string[] OutputColumnNames => [.. Layers.Select(layer => OutputColumnPrefix + layer.Name())];
}
