using System.Runtime.CompilerServices;
using Mlps.Torch;
using Mlps.Torch.Networks;

namespace Mlps.ML;

/// <summary>Options of <see cref="MultiLayerPseudoSupervisionEstimator"/>, the whole method.</summary>
/// <remarks>What its stages share is given once, here.</remarks>
public sealed record MultiLayerPseudoSupervisionOptions
{
    /// <summary>Whether all stages follow the published code, including its known bugs, or this library's corrected version of it.</summary>
    public Recipe Recipe { get; init; }

    /// <summary>The layers that pseudo masks come from, deepest last; null for the method's three.</summary>
    /// <remarks>Each has a weight in the segmenter's loss.</remarks>
    public IReadOnlyList<ActivationLayer>? Layers { get; init; }

    /// <summary>Validation, checkpoints, logs, progress and cancellation of both trained stages.</summary>
    public TrainingRunOptions Run { get; init; } = new();

    /// <summary>Stage 1. Its recipe, layers, run options and the scaling of validation are taken from these options, and need not be set.</summary>
    public PatchClassifierOptions Classifier { get; init; } = new();

    /// <summary>Options of the pseudo masks.</summary>
    /// <remarks>Recipe, layers and column names are taken from these options and the classifier's, and need not be set.</remarks>
    public PseudoMasksOptions PseudoMasks { get; init; } = new();

    /// <summary>Options of stage 2.</summary>
    /// <remarks>Its recipe, pseudo mask columns and run options are taken from these options, and need not be set.</remarks>
    public GatedSegmenterOptions Segmenter { get; init; } = new();

    /// <summary>The three stages' own options, which agree.</summary>
    /// <exception cref="ArgumentException">A stage was given something else than these options say.</exception>
    internal (PatchClassifierOptions Classifier, PseudoMasksOptions PseudoMasks, GatedSegmenterOptions Segmenter) Resolve()
    {
        var (classifier, masks, segmenter) = (new PatchClassifierOptions(), new PseudoMasksOptions(), new GatedSegmenterOptions());
        var layers = Layers ?? ActivationLayers.Default;
        Agree($"{nameof(Classifier)}.{nameof(Recipe)}", Classifier.Recipe, classifier.Recipe, Recipe, nameof(Recipe));
        Agree($"{nameof(PseudoMasks)}.{nameof(Recipe)}", PseudoMasks.Recipe, masks.Recipe, Recipe, nameof(Recipe));
        Agree($"{nameof(Segmenter)}.{nameof(Recipe)}", Segmenter.Recipe, segmenter.Recipe, Recipe, nameof(Recipe));
        Agree($"{nameof(Classifier)}.{nameof(Layers)}", Text(Classifier.Layers), Text(classifier.Layers), Text(layers), nameof(Layers));
        Agree($"{nameof(PseudoMasks)}.{nameof(Layers)}", Text(PseudoMasks.Layers), Text(masks.Layers), Text(layers), nameof(Layers));
        Agree("Classifier.ValidationMapScaling", Classifier.ValidationMapScaling, classifier.ValidationMapScaling, PseudoMasks.Scaling, "PseudoMasks.Scaling");
        Agree($"{nameof(Classifier)}.{nameof(Run)}", Classifier.Run, classifier.Run, Run, nameof(Run));
        Agree($"{nameof(Segmenter)}.{nameof(Run)}", Segmenter.Run, segmenter.Run, Run, nameof(Run));
        Agree("PseudoMasks.ImageColumnName", PseudoMasks.ImageColumnName, masks.ImageColumnName, Classifier.ImageColumnName, "Classifier.ImageColumnName");
        Agree("Segmenter.ImageColumnName", Segmenter.ImageColumnName, segmenter.ImageColumnName, Classifier.ImageColumnName, "Classifier.ImageColumnName");
        Agree("PseudoMasks.LabelColumnName", PseudoMasks.LabelColumnName, masks.LabelColumnName, Classifier.LabelColumnName, "Classifier.LabelColumnName");
        Agree("PseudoMasks.ProbabilityColumnName", PseudoMasks.ProbabilityColumnName, masks.ProbabilityColumnName, Classifier.ProbabilityColumnName, "Classifier.ProbabilityColumnName");
        Agree("Segmenter.ProbabilityColumnName", Segmenter.ProbabilityColumnName, segmenter.ProbabilityColumnName, Classifier.ProbabilityColumnName, "Classifier.ProbabilityColumnName");
        Agree("PseudoMasks.GateProbabilityColumnName", PseudoMasks.GateProbabilityColumnName, masks.GateProbabilityColumnName, Classifier.GateProbabilityColumnName, "Classifier.GateProbabilityColumnName");
        Agree("Segmenter.GateProbabilityColumnName", Segmenter.GateProbabilityColumnName, segmenter.GateProbabilityColumnName, Classifier.GateProbabilityColumnName, "Classifier.GateProbabilityColumnName");
        Agree("PseudoMasks.ActivationMapsColumnName", PseudoMasks.ActivationMapsColumnName, masks.ActivationMapsColumnName, Classifier.ActivationMapsColumnName, "Classifier.ActivationMapsColumnName");
        masks = PseudoMasks with
        {
            Recipe = Recipe,
            Layers = layers,
            ImageColumnName = Classifier.ImageColumnName,
            LabelColumnName = Classifier.LabelColumnName,
            ProbabilityColumnName = Classifier.ProbabilityColumnName,
            GateProbabilityColumnName = Classifier.GateProbabilityColumnName,
            ActivationMapsColumnName = Classifier.ActivationMapsColumnName,
        };
        Agree(Text(Segmenter.PseudoMaskColumnNames), Text(segmenter.PseudoMaskColumnNames), Text(masks.OutputColumnNames), "Segmenter.PseudoMaskColumnNames", nameof(PseudoMasks));
        return (
            Classifier with { Recipe = Recipe, Layers = layers, Run = Run, ValidationMapScaling = PseudoMasks.Scaling },
            masks,
            Segmenter with
            {
                Recipe = Recipe,
                Run = Run,
                ImageColumnName = Classifier.ImageColumnName,
                ProbabilityColumnName = Classifier.ProbabilityColumnName,
                GateProbabilityColumnName = Classifier.GateProbabilityColumnName,
                PseudoMaskColumnNames = masks.OutputColumnNames,
            });
    }

    private static string Text<T>(IEnumerable<T> values) => string.Join(", ", values);

    /// <summary>A stage's value must be its default or the shared one.</summary>
    private static void Agree<T>(
        T given, T unset, T shared, [CallerArgumentExpression(nameof(given))] string name = "", [CallerArgumentExpression(nameof(shared))] string source = "")
    {
        var comparer = EqualityComparer<T>.Default;
        if (!comparer.Equals(given, unset) && !comparer.Equals(given, shared))
        {
            throw new ArgumentException($"{name} is {given}, and {source} is {shared}; set {source} alone, all stages take it from there.");
        }
    }
}
