using Mlps.ML.Stages;
using Mlps.Torch;
using Mlps.Torch.Networks;
using Mlps.Torch.PseudoMasks;

namespace Mlps.ML;

/// <summary>Options of <see cref="PseudoMaskEstimator"/>, which turns activation maps and patch labels into masks.</summary>
public sealed record PseudoMasksOptions
{
    private const string FusedName = "fused";

    /// <summary>Masks for a classifier that starts from ML.NET's pretrained ResNet-18: one of all layers, each tissue's map scaled by its own mean.</summary>
    public static PseudoMasksOptions Pretrained => new()
    {
        Layers = ActivationLayers.DefaultOf(ClassifierEncoder.ResNet18),
        Scaling = MapScaling.PerClassMean,
        FuseLayers = true,
    };

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

    /// <summary>Outputs: this and the name of each layer, as in <c>PseudoMask.bn7</c>, or <c>PseudoMask.fused</c>.</summary>
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

    /// <summary>Whether the layers' scaled maps are averaged, for one mask of all layers instead of one of each.</summary>
    /// <remarks>Where layers err in different places, their mean is right more often than each. The segmenter's <c>MaskWeights</c> then has one value.</remarks>
    public bool FuseLayers { get; init; }

    /// <summary>Throws when a value is outside its range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        OptionChecks.ColumnNames(ImageColumnName, LabelColumnName, GateProbabilityColumnName, ProbabilityColumnName, ActivationMapsColumnName, OutputColumnPrefix);
        Background.Check();
        OptionChecks.Layers(Layers);
        Guard.Defined(Recipe);
        Scaling.CheckFor(Recipe, nameof(Scaling));
        if (FuseLayers && Recipe is Recipe.Reference)
        {
            throw new ArgumentException($"{nameof(FuseLayers)} is true and Recipe is {Recipe}: the published code makes a mask of each layer. Use the default recipe.");
        }
    }

    /// <summary>The output columns' names, in the order of the layers.</summary>
    internal string[] OutputColumnNames => FuseLayers ? [OutputColumnPrefix + FusedName] : [.. Layers.Select(layer => OutputColumnPrefix + layer.Name())];
}
